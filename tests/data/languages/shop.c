/* A shop, to show what C says. */
#include <stdio.h>
#include "prices.h"

#define LIMIT 3
#define ROUND(x) ((int)(x))

typedef struct basket {
    int count;
    double *costs;
} Basket;

enum currency { EUR, USD };

struct lock;

static int opened = 0;

double rate_of(enum currency c);

/* The price of everything. */
double basket_total(const Basket *b, double rate)
{
    double sum = 0;
    for (int i = 0; i < b->count; i++)
        sum += b->costs[i];
    return ROUND(sum) * rate_of(EUR) * rate;
}

char *basket_name(Basket *b) { return table.names->lookup(b); }

int test_total(void) { printf("%f", basket_total(0, 1)); return 0; }
