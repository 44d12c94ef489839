use std::cell::{Cell, RefCell};
use std::rc::Rc;

fn main() {
    let visits = Rc::new(Cell::new(0));
    let names = Rc::new(RefCell::new(Vec::new()));

    let (our_visits, our_names) = (Rc::clone(&visits), Rc::clone(&names));
    let visit = move |name| {
        our_visits.set(our_visits.get() + 1);
        our_names.borrow_mut().push(name);
    };
    visit("Pam");
    visit("Jim");

    println!("{} visits, by {:?}", visits.get(), names.borrow());
}
