#!/usr/bin/env bash
# A shop, to show what Bash says.
source ./prices.sh
. /etc/shop.conf

LIMIT=3
export OWNER="me"

# The price of everything.
total() {
    local sum=0
    for item in "$@"; do
        sum=$((sum + $(cost "$item")))
    done
    echo "$sum"
}

function open_shop {
    mkdir -p "$OWNER"
    total 1 2
}

test_starts_empty() {
    assert_equal "$(total)" 0
}

open_shop
