use rayon::prelude::*;

fn main() {
    let mut words = ["to", "be", "or", "not", "to", "be"].map(str::to_owned);

    words
        .par_iter_mut()
        .for_each(|word| word.make_ascii_uppercase());
    let letters: usize = words.par_iter().map(|word| word.len()).sum();
    println!("{} has {letters} letters", words.join(" "));
}
