//! The same shapes for tokio's tasks, but for those that need several receivers of
//! one channel: tokio's have one.

use crate::shapes::SEVERAL;
use std::array;
use tokio::select;
use tokio::sync::mpsc::{self, Sender};

pub async fn seq(room: usize, count: u32) {
    let (sender, mut receiver) = mpsc::channel(room);
    let alone = tokio::spawn(async move {
        let mut left = count;
        while left > 0 {
            let batch = left.min(room as u32);
            for number in 0..batch {
                sender.send(number).await.unwrap();
            }
            for number in 0..batch {
                assert_eq!(receiver.recv().await, Some(number));
            }
            left -= batch;
        }
    });
    alone.await.unwrap();
}

pub async fn spsc(room: usize, count: u32) {
    let (sender, mut receiver) = mpsc::channel(room);
    tokio::spawn(send(sender, count));
    let receiving = tokio::spawn(async move {
        for number in 0..count {
            assert_eq!(receiver.recv().await, Some(number));
        }
    });
    receiving.await.unwrap();
}

pub async fn mpsc(room: usize, count: u32) {
    let (sender, mut receiver) = mpsc::channel(room);
    for _ in 0..SEVERAL {
        tokio::spawn(send(sender.clone(), count / SEVERAL));
    }
    let receiving = tokio::spawn(async move {
        for _ in 0..count {
            receiver.recv().await.unwrap();
        }
        assert!(receiver.is_empty());
    });
    receiving.await.unwrap();
}

pub async fn select_rx(room: usize, count: u32) {
    let channels: [_; SEVERAL as usize] = array::from_fn(|_| mpsc::channel(room));
    let senders = channels.each_ref().map(|(sender, _)| sender.clone());
    for sender in senders.iter().cloned() {
        tokio::spawn(send(sender, count / SEVERAL));
    }
    let mut receivers = channels.map(|(_, receiver)| receiver);
    let receiving = tokio::spawn(async move {
        for _ in 0..count {
            let [a, b, c, d] = &mut receivers;
            let received = select! {
                number = a.recv() => number,
                number = b.recv() => number,
                number = c.recv() => number,
                number = d.recv() => number,
            };
            received.unwrap();
        }
        assert!(receivers.iter().all(|receiver| receiver.is_empty()));
    });
    receiving.await.unwrap();
    // None of them may be closed while somebody selects.
    drop(senders);
}

async fn send(sender: Sender<u32>, count: u32) {
    for number in 0..count {
        sender.send(number).await.unwrap();
    }
}
