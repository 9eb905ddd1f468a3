// Go's runtime and library: goroutines, channels, maps, garbage, text, JSON, regular expressions, big numbers, files,
// a recovered panic. Counts the words of standard input and keeps files in the folder `work`.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/big"
	"os"
	"regexp"
	"runtime"
	"sort"
	"strings"
	"sync"
	"time"
)

type shape interface{ area() float64 }

type circle struct{ radius float64 }

type rectangle struct{ width, height float64 }

func (c circle) area() float64    { return math.Pi * c.radius * c.radius }
func (r rectangle) area() float64 { return r.width * r.height }

type record struct {
	Name  string             `json:"name"`
	Tags  []string           `json:"tags,omitempty"`
	Score map[string]float64 `json:"score"`
}

func countWords() {
	counts := map[string]int{}
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Split(bufio.ScanWords)
	for scanner.Scan() {
		counts[strings.ToLower(strings.Trim(scanner.Text(), ".,;!?"))]++
	}
	words := make([]string, 0, len(counts))
	for word := range counts {
		words = append(words, word)
	}
	sort.Slice(words, func(i, j int) bool {
		if counts[words[i]] != counts[words[j]] {
			return counts[words[i]] > counts[words[j]]
		}
		return words[i] < words[j]
	})
	fmt.Println(len(words), "words")
	for _, word := range words[:5] {
		fmt.Printf("%-8s%4d\n", word, counts[word])
	}
}

// The sum of squares, computed by workers that share a channel.
func workers() {
	jobs, results := make(chan int), make(chan int, 8)
	var group sync.WaitGroup
	for worker := 0; worker < 4; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			sum := 0
			for job := range jobs {
				sum += job * job
				runtime.Gosched()
			}
			results <- sum
		}()
	}
	for job := 1; job <= 1000; job++ {
		jobs <- job
	}
	close(jobs)
	group.Wait()
	close(results)
	total := 0
	for sum := range results {
		total += sum
	}
	select {
	case <-time.After(5 * time.Millisecond):
		fmt.Println("workers:", total)
	}
}

func garbage() {
	type node struct {
		next *node
		data [64]byte
	}
	var keep *node
	for i := 0; i < 20000; i++ {
		next := &node{next: keep}
		next.data[i%64] = byte(i)
		if keep = next; i%1000 == 0 {
			keep = nil
		}
	}
	length := 0
	for ; keep != nil; keep = keep.next {
		length++
	}
	runtime.GC()
	fmt.Println("list:", length)
}

func safely(work func()) (err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("recovered: %v", problem)
		}
	}()
	work()
	return nil
}

func text() {
	fmt.Printf("%v %g %.3e %x %q %T %+v\n", 0.1+0.2, math.Inf(1), 12345.678, "hi", "a\tü", 3i, rectangle{2, 3})
	fmt.Println(math.MaxInt64, uint64(math.MaxUint64), math.SmallestNonzeroFloat64, float32(1)/3)
	pattern := regexp.MustCompile(`(\w+)@(\w+)\.com`)
	fmt.Println(pattern.ReplaceAllString("ann@example.com, bob@test.com", "$2:$1"))
	encoded, _ := json.Marshal(record{"x", []string{"a", "<b>"}, map[string]float64{"z": 1.5, "a": 1e21}})
	var decoded record
	fmt.Println(string(encoded), json.Unmarshal(encoded, &decoded), decoded.Score["z"])
	fmt.Println(json.Unmarshal([]byte(`{"name": 5}`), &decoded))
	factorial := new(big.Int).MulRange(1, 40)
	fmt.Println(factorial, new(big.Int).Exp(big.NewInt(3), big.NewInt(200), big.NewInt(1000007)))
	fmt.Printf("%x\n", sha256.Sum256([]byte("abc")))
	total := 0.0
	for _, each := range []shape{circle{1.5}, rectangle{2, 3}} {
		total += each.area()
	}
	fmt.Printf("%.6f\n", total)
	var none map[string]int
	zero := len(none)
	fmt.Println(safely(func() { fmt.Println(1 / zero) }))
	fmt.Println(safely(func() { none["x"] = 1 }))
	fmt.Println(safely(func() { fmt.Println([]int{1}[zero+5]) }))
	var missing *record
	fmt.Println(safely(func() { fmt.Println(missing.Name) }))
}

func files() error {
	if err := os.MkdirAll("/work/a/b", 0o777); err != nil {
		return err
	}
	if err := os.WriteFile("/work/a/b/text", []byte(strings.Repeat("0123456789", 1000)), 0o666); err != nil {
		return err
	}
	file, err := os.OpenFile("/work/a/b/text", os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	fmt.Fprint(file, "end")
	file.Close()
	if file, err = os.Open("/work/a/b/text"); err != nil {
		return err
	}
	tail := make([]byte, 5)
	if _, err := file.ReadAt(tail, 9998); err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	file.Close()
	fmt.Printf("%q %d %v\n", tail, info.Size(), info.Mode().IsRegular())
	if err := os.Rename("/work/a/b/text", "/work/a/moved"); err != nil {
		return err
	}
	entries, err := os.ReadDir("/work/a")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		fmt.Print(entry.Name(), " ", entry.IsDir(), "; ")
	}
	_, err = os.Open("/work/none")
	fmt.Println(errors.Is(err, fs.ErrNotExist))
	return os.RemoveAll("/work/a")
}

func main() {
	fmt.Println(os.Args[1:], os.Getenv("NAME"))
	countWords()
	workers()
	garbage()
	text()
	if err := files(); err != nil {
		fmt.Println(err)
	}
	fmt.Fprintln(os.Stderr, "done")
	os.Exit(5)
}
