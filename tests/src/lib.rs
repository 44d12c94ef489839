//! What the book's tests share.
