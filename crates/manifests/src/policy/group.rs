//! The expression of a group of policies: which members have to accept an object.
//!
//! ```text
//! expression = conjunction ("||" conjunction)*
//! conjunction = operand ("&&" operand)*
//! operand     = "!" operand | "(" expression ")" | "true" | "false" | member "(" ")"
//! ```
//!
//! That is the part of CEL that has a use there: a member is a function that says whether it accepts the object. See
//! <https://docs.kubewarden.io/explanations/policy-groups>.

/// An expression over members, by their index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Constant(bool),
    Member(usize),
    Not(Box<Expression>),
}

/// The deepest expression that is read.
const MAX_DEPTH: usize = 64;

impl Expression {
    /// Reads an expression over members of these names.
    pub(super) fn parse(text: &str, members: &[&str]) -> Result<Self, String> {
        let mut parser = Parser { rest: text.trim_start(), members, depth: 0 };
        let expression = parser.any()?;
        if parser.rest.is_empty() { Ok(expression) } else { Err(parser.unexpected("&& or ||")) }
    }

    /// Whether it holds, for what each member says.
    pub(super) fn holds(&self, accepts: &dyn Fn(usize) -> bool) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(accepts)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(accepts)),
            Self::Constant(value) => *value,
            Self::Member(index) => accepts(*index),
            Self::Not(part) => !part.holds(accepts),
        }
    }
}

struct Parser<'t> {
    /// Starts with no blank.
    rest: &'t str,
    members: &'t [&'t str],
    depth: usize,
}

impl<'t> Parser<'t> {
    fn any(&mut self) -> Result<Expression, String> {
        let parts = self.separated("||", Self::all)?;
        Ok(one(parts).unwrap_or_else(Expression::Any))
    }

    fn all(&mut self) -> Result<Expression, String> {
        let parts = self.separated("&&", Self::operand)?;
        Ok(one(parts).unwrap_or_else(Expression::All))
    }

    fn separated(
        &mut self,
        separator: &str,
        part: fn(&mut Self) -> Result<Expression, String>,
    ) -> Result<Vec<Expression>, String> {
        let mut parts = vec![part(self)?];
        while self.takes(separator) {
            parts.push(part(self)?);
        }
        Ok(parts)
    }

    fn operand(&mut self) -> Result<Expression, String> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > MAX_DEPTH {
            return Err(format!("it is nested more than {MAX_DEPTH} deep"));
        }
        let operand = if self.takes("!") {
            Expression::Not(Box::new(self.operand()?))
        } else if self.takes("(") {
            let inner = self.any()?;
            self.expect(")")?;
            inner
        } else {
            self.name()?
        };
        self.depth = self.depth.saturating_sub(1);
        Ok(operand)
    }

    fn name(&mut self) -> Result<Expression, String> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        if name.is_empty() {
            return Err(self.unexpected("a member"));
        }
        self.rest = rest.trim_start();
        if let Ok(constant) = name.parse() {
            return Ok(Expression::Constant(constant));
        }
        self.expect("(")?;
        self.expect(")")?;
        let index = self.members.iter().position(|member| *member == name);
        index.map(Expression::Member).ok_or_else(|| format!("the group has no member {name:?}"))
    }

    fn takes(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.takes(token) { Ok(()) } else { Err(self.unexpected(token)) }
    }

    fn unexpected(&self, expected: &str) -> String {
        match self.rest.chars().next() {
            Some(found) => format!("expected {expected}, found {found:?}"),
            None => format!("expected {expected}, found the end"),
        }
    }
}

/// The only part, or all of them.
fn one(mut parts: Vec<Expression>) -> Result<Expression, Vec<Expression>> {
    match parts.pop() {
        Some(only) if parts.is_empty() => Ok(only),
        last => {
            parts.extend(last);
            Err(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Expression;

    #[test]
    fn operators_bind_as_in_cel() {
        // For each of the eight ways in which `a`, `b` and `c` can answer, from all false to all true.
        for (text, expected) in [
            ("a()", "01010101"),
            ("!a()", "10101010"),
            (" a () && b( ) ", "00010001"),
            ("a() || b()", "01110111"),
            ("a() || b() && c()", "01010111"),
            ("(a() || b()) && c()", "00000111"),
            ("!a() && b()", "00100010"),
            ("!(a() && b())", "11101110"),
            ("!!c()", "00001111"),
            ("true", "11111111"),
            ("false || b()", "00110011"),
        ] {
            let expression = Expression::parse(text, &["a", "b", "c"]).expect(text);
            let holds = |answers: usize| expression.holds(&|member| answers & (1 << member) != 0);
            let found: String = (0..8).map(|answers| if holds(answers) { '1' } else { '0' }).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn anything_else_is_an_error() {
        for (text, problem) in [
            ("", "expected a member, found the end"),
            ("a() &&", "expected a member, found the end"),
            ("a() b()", "expected && or ||, found 'b'"),
            ("a", "expected (, found the end"),
            ("a(1)", "expected ), found '1'"),
            ("(a()", "expected ), found the end"),
            ("a() == true", "expected && or ||, found '='"),
            ("d()", "the group has no member \"d\""),
            ("ä()", "expected a member, found 'ä'"),
            (&"!".repeat(1000), "it is nested more than 64 deep"),
            (&"(".repeat(1000), "it is nested more than 64 deep"),
        ] {
            assert_eq!(Expression::parse(text, &["a"]), Err(problem.into()), "{text}");
        }
    }
}
