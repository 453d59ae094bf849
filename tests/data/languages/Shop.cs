using System;
using System.Collections.Generic;
using J = Newtonsoft.Json;

namespace Example.Shops
{
    /// <summary>What can be sold.</summary>
    public interface IPriced { double Cost(); }

    public enum Currency { Eur }

    public delegate double Rate(double x);

    public class Shop<T> : Store<T>, IPriced where T : IPriced
    {
        private readonly List<T> _items = new List<T>();
        public string Owner { get; set; }

        public Shop(string owner) : base(owner) { Owner = owner; }

        /// <summary>The price of everything.</summary>
        public double Total(Rate rate)
        {
            double Rounded(double x) => Math.Round(x);
            return Rounded(this._items.Sum(item => item.Cost())) * rate?.Invoke(1) ?? 0;
        }

        [Fact]
        public void StartsEmpty() { Assert.Equal(0, new Shop<Book>("me").Total(null)); }
    }

    public record Line(string Name);

    public struct Point { public int X; }
}
