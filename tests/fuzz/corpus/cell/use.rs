use std::{thread; spawn();
