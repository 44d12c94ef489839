//! Finds the book's listings.

#[path = "book_listings.rs"]
mod listings;

fn main() {
    listings::write();
}
