// Measures what goroutines, Go's channels and Go's mutex cost, and prints each
// price in nanoseconds. The Rust program beside it starts this one, with the
// number by which all counts are divided.
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"
)

var divisor = 1

func main() {
	if len(os.Args) > 1 {
		divisor, _ = strconv.Atoi(os.Args[1])
	}
	say("one goroutine", 100_000, startEach)
	say("many goroutine", 200_000, startMany)
	say("lock alone", 2_000_000, lockAlone)
	say("lock wanted", 2_000_000, lockWanted)
	for _, room := range []int{0, 1, 10, 100, 1000} {
		sayShape("spsc", room, spsc)
	}
	for _, room := range []int{0, 1, 1000} {
		// Who is alone can't meet anybody.
		if room > 0 {
			sayShape("seq", room, seq)
		}
		sayShape("mpsc", room, mpsc)
		sayShape("mpmc", room, mpmc)
		sayShape("select_rx", room, selectRx)
		sayShape("select_both", room, selectBoth)
	}
}

func say(what string, count int, work func(count int)) {
	count /= divisor
	fmt.Printf("%s\t%.1f\n", what, each(count, work))
}

// sayShape measures more and more messages until they take long enough.
func sayShape(shape string, room int, send func(room, count int)) {
	enough := 5e7 / float64(divisor)
	count := 5_000 / divisor
	for {
		price := each(count, func(count int) { send(room, count) })
		if price*float64(count) >= enough {
			fmt.Printf("%s Go %d\t%.1f\n", shape, room, price)
			return
		}
		count *= 10
	}
}

// each is the time for one, in nanoseconds.
func each(count int, work func(count int)) float64 {
	start := time.Now()
	work(count)
	return float64(time.Since(start).Nanoseconds()) / float64(count)
}

func startEach(count int) {
	for i := 0; i < count; i++ {
		var group sync.WaitGroup
		group.Add(1)
		go group.Done()
		group.Wait()
	}
}

func startMany(count int) {
	var group sync.WaitGroup
	group.Add(count)
	for i := 0; i < count; i++ {
		go group.Done()
	}
	group.Wait()
}

func lockAlone(count int) {
	var mutex sync.Mutex
	sum := 0
	for i := 0; i < count; i++ {
		mutex.Lock()
		sum++
		mutex.Unlock()
	}
	expect(sum, count)
}

func lockWanted(count int) {
	var mutex sync.Mutex
	var group sync.WaitGroup
	sum := 0
	for t := 0; t < 2; t++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := 0; i < count/2; i++ {
				mutex.Lock()
				sum++
				mutex.Unlock()
			}
		}()
	}
	group.Wait()
	expect(sum, count)
}

// The six shapes: what src/shapes.rs does with threads. Of several, there are so
// many.
const several = 4

func seq(room, count int) {
	numbers := make(chan uint32, room)
	for left := count; left > 0; {
		batch := room
		if left < batch {
			batch = left
		}
		for number := 0; number < batch; number++ {
			numbers <- uint32(number)
		}
		for number := 0; number < batch; number++ {
			expect(int(<-numbers), number)
		}
		left -= batch
	}
}

func spsc(room, count int) {
	numbers := make(chan uint32, room)
	go sendAll(numbers, count)
	for number := 0; number < count; number++ {
		expect(int(<-numbers), number)
	}
}

func mpsc(room, count int) {
	numbers := make(chan uint32, room)
	for t := 0; t < several; t++ {
		go sendAll(numbers, count/several)
	}
	for number := 0; number < count; number++ {
		<-numbers
	}
	expect(len(numbers), 0)
}

func mpmc(room, count int) {
	numbers := make(chan uint32, room)
	var receiving sync.WaitGroup
	for t := 0; t < several; t++ {
		receiving.Add(1)
		go sendAll(numbers, count/several)
		go func() {
			defer receiving.Done()
			for number := 0; number < count/several; number++ {
				<-numbers
			}
		}()
	}
	receiving.Wait()
	expect(len(numbers), 0)
}

func selectRx(room, count int) {
	channels := severalChannels(room)
	for _, numbers := range channels {
		go sendAll(numbers, count/several)
	}
	receiveAny(channels, count)
	expectEmpty(channels)
}

func selectBoth(room, count int) {
	channels := severalChannels(room)
	var receiving sync.WaitGroup
	for t := 0; t < several; t++ {
		receiving.Add(1)
		go sendAny(channels, count/several)
		go func() {
			defer receiving.Done()
			receiveAny(channels, count/several)
		}()
	}
	receiving.Wait()
	expectEmpty(channels)
}

func severalChannels(room int) (channels [several]chan uint32) {
	for c := range channels {
		channels[c] = make(chan uint32, room)
	}
	return channels
}

func sendAll(numbers chan<- uint32, count int) {
	for number := 0; number < count; number++ {
		numbers <- uint32(number)
	}
}

func sendAny(channels [several]chan uint32, count int) {
	a, b, c, d := channels[0], channels[1], channels[2], channels[3]
	for number := 0; number < count; number++ {
		select {
		case a <- uint32(number):
		case b <- uint32(number):
		case c <- uint32(number):
		case d <- uint32(number):
		}
	}
}

func receiveAny(channels [several]chan uint32, count int) {
	a, b, c, d := channels[0], channels[1], channels[2], channels[3]
	for number := 0; number < count; number++ {
		select {
		case <-a:
		case <-b:
		case <-c:
		case <-d:
		}
	}
}

func expectEmpty(channels [several]chan uint32) {
	for _, numbers := range channels {
		expect(len(numbers), 0)
	}
}

func expect(counted, count int) {
	if counted != count {
		panic(fmt.Sprintf("%d of %d", counted, count))
	}
}
