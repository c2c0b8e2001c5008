//! What a fix would cure in a text that is only judged: the findings that mutation spares its objects, each with the
//! edits that cure it.
//!
//! An editor or a review tool offers such edits. All of them together give exactly the text that `--fix` writes, and that
//! text is verified; each edit belongs to one finding.

use std::ops::Range;

use crate::document::{self, DocumentError, Node, Source};
use crate::fix::{self, Mutated, Replacement};
use crate::judge::{Answer, Judge, Question};
use crate::report::{Edit, Entry, Problem, Report};
use crate::subject::Subject;

/// The objects of a text that a fix would change.
#[derive(Debug, Default)]
pub(crate) struct Fixable {
    mutated: Vec<Mutated>,
    found: Vec<Cured>,
}

/// What a fix would cure in one object.
#[derive(Debug)]
struct Cured {
    /// Which entry of the report it is.
    entry: usize,
    object: Range<usize>,
    problems: Vec<Problem>,
    /// The container, or whatever else it is, of each problem.
    places: Vec<Range<usize>>,
}

impl Fixable {
    /// Takes an object that the policy mutates, and asks what would be wrong with it otherwise.
    pub(crate) fn add(
        &mut self,
        entry: usize,
        source: &Source,
        subject: &Subject,
        answer: &Answer,
        judge: &dyn Judge,
    ) -> Result<(), String> {
        let object = answer.object.as_deref().filter(|_| answer.accepted && subject.given.is_none());
        let Some(object) = object.and_then(document::read_json) else { return Ok(()) };
        let unmutated = judge.judge(&Question { mutates: false, ..Question::about(subject) })?;
        let places = unmutated.findings.iter().map(|finding| subject.locate(finding.path()).span.clone());
        self.found.push(Cured {
            entry,
            object: subject.object.span.clone(),
            places: places.collect(),
            problems: unmutated.findings.iter().map(|it| it.problem(source, subject)).collect(),
        });
        self.mutated.push(Mutated { node: subject.object.clone(), object });
        Ok(())
    }

    /// Puts the problems into the report, with their edits if the text can be fixed as a whole.
    pub(crate) fn conclude(
        mut self,
        source: &Source,
        documents: &[Result<Node, DocumentError>],
        report: &mut Report,
    ) {
        let readable: Vec<Node> = documents.iter().filter_map(|it| it.as_ref().ok().cloned()).collect();
        if readable.len() == documents.len()
            && !report.has_unreadable()
            && !self.mutated.is_empty()
            && let Ok(plan) = fix::plan(source, &readable, &self.mutated)
        {
            for replacement in plan.replacements {
                if let Some(problem) = self.problem_at(replacement.object) {
                    problem.edits.push(edit(source, replacement));
                }
            }
        }
        for found in self.found {
            if let Some(Entry::Judged(document)) = report.entries_mut().get_mut(found.entry) {
                document.fixable = found.problems;
            }
        }
    }

    /// The problem that an edit belongs to: that of the container that it changes, or else the first one of the object.
    fn problem_at(&mut self, offset: usize) -> Option<&mut Problem> {
        let of_place = self.found.iter().enumerate().flat_map(|(object, found)| {
            found.places.iter().enumerate().map(move |(place, range)| (object, place, range))
        });
        let place = of_place
            .filter(|(.., range)| range.contains(&offset))
            .min_by_key(|(.., range)| range.len())
            .map(|(object, place, _)| (object, place));
        let (object, place) = place.unwrap_or_else(|| {
            let object = self.found.iter().position(|found| found.object.contains(&offset));
            (object.unwrap_or_default(), 0)
        });
        self.found.get_mut(object)?.problems.get_mut(place)
    }
}

fn edit(source: &Source, replacement: Replacement) -> Edit {
    let (start, end) = (source.position(replacement.range.start), source.position(replacement.range.end));
    Edit {
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        text: replacement.text,
    }
}
