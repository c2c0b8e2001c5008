//! The same sources give the same bytes, wherever they are.

use std::fs;

use crate::Result;
use crate::command::{clone, command, output, run};
use crate::dist::scratch;

/// Builds the policy in two clones, in places of different depth. Another compiler gives other bytes, so it says which
/// one it was.
pub(crate) fn reproduce() -> Result<()> {
    let folder = scratch("reproduce")?;
    let built = ["one", "another/place"].map(|place| {
        let place = folder.join(place);
        clone(&place)?;
        let mut make = command("make", &["--no-print-directory", "policy.wasm"]);
        run(make.current_dir(&place).env_remove("CARGO_TARGET_DIR"))?;
        let module = place.join("policy.wasm");
        print!("{}", output(command("sha256sum", &[]).arg(&module))?);
        fs::read(&module).map_err(|error| format!("{}: {error}", module.display()))
    });
    // What is left in a temporary folder does no harm.
    let _ = fs::remove_dir_all(&folder);
    let [one, another] = built;
    print!("{}", output(&mut command("rustc", &["--version"]))?);
    if one? == another? { Ok(()) } else { Err("the two clones give different bytes".into()) }
}
