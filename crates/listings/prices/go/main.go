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
		send := func(count int) { sendThrough(room, count) }
		say(fmt.Sprintf("message Go %d", room), messages(room), send)
	}
}

func say(what string, count int, work func(count int)) {
	count /= divisor
	start := time.Now()
	work(count)
	fmt.Printf("%s\t%.1f\n", what, float64(time.Since(start).Nanoseconds())/float64(count))
}

// messages is how many are sent: fewer where each takes long.
func messages(room int) int {
	switch {
	case room < 10:
		return 50_000
	case room < 1000:
		return 500_000
	default:
		return 1_000_000
	}
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

func sendThrough(room, count int) {
	numbers := make(chan uint32, room)
	go func() {
		defer close(numbers)
		for number := 0; number < count; number++ {
			numbers <- uint32(number)
		}
	}()
	received := 0
	for range numbers {
		received++
	}
	expect(received, count)
}

func expect(counted, count int) {
	if counted != count {
		panic(fmt.Sprintf("%d of %d", counted, count))
	}
}
