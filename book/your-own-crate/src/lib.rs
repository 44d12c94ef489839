use std::sync::Mutex;

/// A show, and how many of its seats are free.
pub struct Show {
    free: Mutex<u32>,
}

impl Show {
    pub fn new(seats: u32) -> Show {
        Show {
            free: Mutex::new(seats),
        }
    }

    /// Whether there was a seat. It is yours now.
    pub fn sell(&self) -> bool {
        if *self.free.lock().unwrap() == 0 {
            return false;
        }
        *self.free.lock().unwrap() -= 1;
        true
    }

    /// The same, with one look at the seats.
    pub fn sell_at_once(&self) -> bool {
        let mut free = self.free.lock().unwrap();
        if *free == 0 {
            return false;
        }
        *free -= 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Show;
    use std::thread;

    /// How many of two buyers get the last seat.
    fn buyers(sell: fn(&Show) -> bool) -> usize {
        let show = Show::new(1);
        thread::scope(|scope| {
            let buyers = [(); 2].map(|()| scope.spawn(|| sell(&show)));
            let sold = buyers.map(|buyer| buyer.join().unwrap());
            sold.iter().filter(|sold| **sold).count()
        })
    }

    #[test]
    fn the_last_seat_is_sold_once() {
        assert_eq!(buyers(Show::sell), 1);
    }

    #[test]
    fn one_look_is_enough() {
        assert_eq!(buyers(Show::sell_at_once), 1);
    }
}
