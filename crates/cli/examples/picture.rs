//! Draws what a terminal shows: standard input with its colours becomes an SVG on standard output.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "it is run by hand")]

use std::io::Read as _;

use anstyle_svg::Term;

fn main() {
    let mut printed = String::new();
    std::io::stdin().read_to_string(&mut printed).expect("it is text");
    println!("{}", Term::new().render_svg(printed.trim_end()));
}
