// Package shop shows what Go says.
package shop

import (
	"fmt"
	str "strings"
	. "math"

	"example.org/other/prices/v2"
)

// Limit is how much fits.
const Limit = 3

var (
	open   = false
	Owner string
)

// Basket is what a customer carries.
type Basket struct {
	prices.Table
	*Lock
	items []Item
}

type Item interface {
	fmt.Stringer
	Cost() float64
}

type Rate float64

// Total returns the price of everything.
func (b *Basket) Total(rate Rate) float64 {
	sum := 0.0
	for _, item := range b.items {
		sum += item.Cost()
	}
	return Round(sum) * float64(rate)
}

func (q Queue[T]) Push(x T) { q.inner.Add(x) }

func New(owner string) *Basket {
	return &Basket{items: make([]Item, 0)}
}

func TestBasketStartsEmpty(t *testing.T) {
	if New("me").Total(1) != 0 {
		t.Fatal(str.ToUpper("no"))
	}
}
