//! Makes a module ready for JavaScript: `fresh-images-bindgen MODULE.wasm DIRECTORY NAME`.
//!
//! Writes `NAME_bg.wasm` and `NAME.js`, an ES module for browsers and Node.js. The types are written by hand, in
//! `crates/playground/npm`.

use std::env;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [module, directory, name] = arguments.as_slice() else {
        eprintln!("usage: fresh-images-bindgen MODULE.wasm DIRECTORY NAME");
        return ExitCode::from(2);
    };
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name(name).typescript(false).remove_producers_section(true);
    // A module that is loaded by whoever has it: `fetch` in a browser, `fs` in Node.js.
    let generated = bindgen.web(true).and_then(|bindgen| bindgen.generate(directory));
    match generated {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {module}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
