<?php
namespace Example\Shops;

use Example\Prices\Rate;
use Example\Prices\{Table, Money as Cash};
use function Example\round_up;
require_once 'prices.php';

const LIMIT = 3;

interface Priced extends Named {
    public function cost(): float;
}

trait Counts {
    protected int $count = 0;
}

enum Currency: string {
    case Eur = 'eur';
}

/** What a customer carries. */
abstract class Basket extends Store implements Priced, \Countable {
    use Counts;

    private array $items = [];

    public function __construct(string $owner) {
        parent::__construct($owner);
    }

    /** The price of everything. */
    public function total(Rate $rate): float {
        return round_up(array_sum($this->costs())) * Table::apply($rate) * $rate?->value();
    }
}

function helper(int $x): Basket {
    return new Cash($x);
}

class BasketTest {
    public function testStartsEmpty() { $this->assertSame(0, helper(1)->total(null)); }
}
