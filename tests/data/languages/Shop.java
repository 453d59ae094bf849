package org.example.shop;

import java.util.List;
import java.util.*;
import static org.junit.Assert.assertEquals;
import org.example.prices.Rate;

/** Sells things. */
public class Shop<T extends Priced> extends Store<T> implements Priced, java.io.Closeable {
    static final int LIMIT = 3;
    private List<T> items;

    public Shop(String owner) {
        super(owner);
        this.items = new ArrayList<>();
    }

    /** The price of everything. */
    public double total(Rate rate) {
        return Math.round(this.items.stream().mapToDouble(Priced::cost).sum()) * rate.value();
    }

    @Override
    public void close() {
        release();
    }

    enum Currency { EUR }

    interface Opener { void open(); }

    record Line(String name) { }

    @Test
    public void startsEmpty() {
        assertEquals(0, new Shop<Book>("me").total(null), 0);
    }
}
