// Command locks lets clients lock and unlock names at one server for some seconds: berthd by stubs that are generated from its
// protos, etcd by its official client. It writes a line `begin` when all of them are connected, and one of JSON at the end.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"sync"
	"syscall"
	"time"
)

// A locker is one client on a connection of its own. lock blocks until the name is the client's, and returns what unlocks it.
type locker interface {
	lock(ctx context.Context, name string) (unlock func() error, err error)
}

type job struct {
	clients []locker
	// All of them want the same name, so that each unlock hands it on; otherwise each locks a name of its own.
	oneName bool
	length  time.Duration
}

type result struct {
	Cycles int `json:"cycles"`
	// From sending an unlock until the next client has the lock, in milliseconds; of one name only.
	HandOffs []float64 `json:"handOffs"`
	Seconds  float64   `json:"seconds"`
	// Processor time of this program meanwhile.
	LoadSeconds float64 `json:"loadSeconds"`
}

func main() {
	server := flag.String("server", "berth", "berth or etcd")
	address := flag.String("address", "", "HOST:PORT")
	count := flag.Int("clients", 1, "how many clients")
	oneName := flag.Bool("one-name", false, "all clients want the same name")
	length := flag.Duration("length", 4*time.Second, "how long to lock and unlock")
	flag.Parse()

	open := map[string]func(string) (locker, error){"berth": openBerth, "etcd": openEtcd}[*server]
	if open == nil {
		log.Fatalf("there is no server %q: berth or etcd", *server)
	}
	j := job{oneName: *oneName, length: *length}
	for range *count {
		client, err := open(*address)
		if err != nil {
			log.Fatal(err)
		}
		j.clients = append(j.clients, client)
	}
	// The first cycle of each client is not counted: it connects.
	if err := j.each(j.cycle); err != nil {
		log.Fatal(err)
	}
	fmt.Println("begin")
	measured, err := j.run()
	if err != nil {
		log.Fatal(err)
	}
	line, err := json.Marshal(measured)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(line))
}

func (j job) run() (result, error) {
	measured := result{HandOffs: []float64{}}
	var mutex sync.Mutex
	var unlocked time.Time
	used := processorTime()
	begun := time.Now()
	end := begun.Add(j.length)
	err := j.each(func(client locker, name string) error {
		for time.Now().Before(end) {
			unlock, err := client.lock(context.Background(), name)
			if err != nil {
				return err
			}
			mutex.Lock()
			now := time.Now()
			if j.oneName && !unlocked.IsZero() {
				measured.HandOffs = append(measured.HandOffs, float64(now.Sub(unlocked).Microseconds())/1000)
			}
			unlocked = now
			measured.Cycles++
			mutex.Unlock()
			if err := unlock(); err != nil {
				return err
			}
		}
		return nil
	})
	measured.Seconds = time.Since(begun).Seconds()
	measured.LoadSeconds = (processorTime() - used).Seconds()
	return measured, err
}

func (j job) cycle(client locker, name string) error {
	unlock, err := client.lock(context.Background(), name)
	if err != nil {
		return err
	}
	return unlock()
}

// each runs work for all clients at once, and returns the first error.
func (j job) each(work func(client locker, name string) error) error {
	errs := make(chan error, len(j.clients))
	for i, client := range j.clients {
		name := "bench-0"
		if !j.oneName {
			name = fmt.Sprintf("bench-%d", i)
		}
		go func() { errs <- work(client, name) }()
	}
	for range j.clients {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
