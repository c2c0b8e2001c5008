//! The tests of the command line and of its engine, as one program: a module a theme.

mod baseline;
mod cases;
mod cli;
mod config;
mod corpus;
mod diff;
mod engine;
mod equality;
mod fix;
mod generate;
mod guests;
mod hostile;
mod modules;
mod output;
mod protocol;
mod readme;
mod registry;
mod render;
