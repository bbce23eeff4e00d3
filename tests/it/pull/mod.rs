//! What people did in the console goes into the files that are there, and nothing else of the files changes.

mod console;
mod deleted;
mod flags;
mod foreign;
mod hard;
mod listing;
mod lists;
mod order;
mod paths;
mod retail;
mod twins;
mod variables;
