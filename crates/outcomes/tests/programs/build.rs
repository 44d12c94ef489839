//! Finds the book's listings.

#[path = "listed.rs"]
mod listings;

fn main() {
    listings::write();
}
