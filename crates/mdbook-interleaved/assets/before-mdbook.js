/* before-mdbook.js */
