//! UPDATE: an image use that is as it was before is left alone.
//!
//! Otherwise removing a finalizer from an old Pod, or scaling an old Deployment, would fail. "As before" means: the
//! same image text and the same effective pull policy, under the same name in the same list of `oldObject`.
//! Images swapped between two containers, a weakened pull policy, and names that are missing or appear twice in
//! a list are judged. A `deletionTimestamp` exempts nothing.

use crate::pull_policy::PullPolicy;
use crate::reference::Reference;
use crate::request::{ImageList, ImageUse, Workload};
use fresh_images_json::{PathBuf, sorted};

/// The image uses of an object and of the one that it replaces.
pub(crate) struct Update<'w> {
    new: Index<'w>,
    old: Index<'w>,
}

impl<'w> Update<'w> {
    pub(crate) fn new(new: &'w Workload<'_>, old: &'w Workload<'_>) -> Self {
        Self { new: Index::new(new), old: Index::new(old) }
    }

    /// Whether an image use of the new object is as it was.
    pub(crate) fn is_unchanged(
        &self,
        list: &ImageList<'_>,
        image_use: &ImageUse<'_>,
        reference: Option<&Reference<'_>>,
    ) -> bool {
        let Some((new, old)) = self.pair(list, image_use) else {
            return false;
        };
        // Once the texts are the same, so is the reference.
        new.image == old.image && effective(new, reference) == effective(old, reference)
    }

    /// The image use of the old object that has the place of an image use of the new one.
    pub(crate) fn old_use(&self, list: &ImageList<'_>, image_use: &ImageUse<'_>) -> Option<&'w ImageUse<'w>> {
        self.pair(list, image_use).map(|(_, old)| old)
    }

    /// Whether the old object has none of that name in that list. Without a name nobody can tell.
    pub(crate) fn is_new(&self, list: &ImageList<'_>, image_use: &ImageUse<'_>) -> bool {
        list.name_of(image_use).is_some_and(|name| self.old.first_two(&list.path, name).is_empty())
    }

    /// The image uses of the same list and name in both objects, if there is only one in each.
    fn pair(
        &self,
        list: &ImageList<'_>,
        image_use: &ImageUse<'_>,
    ) -> Option<(&'w ImageUse<'w>, &'w ImageUse<'w>)> {
        let name = list.name_of(image_use)?;
        Some((self.new.only(&list.path, name)?, self.old.only(&list.path, name)?))
    }
}

fn effective<'u>(image_use: &'u ImageUse<'_>, reference: Option<&Reference<'_>>) -> &'u str {
    PullPolicy::effective(image_use.pull_policy.as_deref(), reference).as_str()
}

/// Image uses sorted by the path of their list and their name, so that ten thousand are compared in no time.
struct Index<'w> {
    uses: Vec<&'w ImageUse<'w>>,
    /// Each with its place among the uses.
    places: Vec<(&'w PathBuf, &'w str, usize)>,
}

impl<'w> Index<'w> {
    fn new(workload: &'w Workload<'_>) -> Self {
        let (mut uses, mut places) = (Vec::new(), Vec::new());
        for list in workload.lists() {
            for image_use in list.uses() {
                if let Some(name) = list.name_of(image_use) {
                    places.push((&list.path, name, uses.len()));
                    uses.push(image_use);
                }
            }
        }
        Self { uses, places: sorted(places) }
    }

    /// The image use of that name in that list, if there is exactly one.
    fn only(&self, list: &PathBuf, name: &str) -> Option<&'w ImageUse<'w>> {
        match self.first_two(list, name) {
            [(_, _, place)] => self.uses.get(*place).copied(),
            _ => None,
        }
    }

    /// What has that name in that list, but not more than two.
    fn first_two(&self, list: &PathBuf, name: &str) -> &[(&'w PathBuf, &'w str, usize)] {
        let start = self.places.partition_point(|(path, it, _)| (*path, *it) < (list, name));
        let rest = self.places.get(start..).unwrap_or_default();
        let count = rest.iter().take(2).take_while(|(path, it, _)| (*path, *it) == (list, name)).count();
        rest.get(..count).unwrap_or_default()
    }
}
