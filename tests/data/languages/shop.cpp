// A shop, to show what C++ says.
#include <vector>
#include "prices.hpp"
using std::string;

namespace shop {

/// What can be sold.
template <typename T>
class Basket : public Store<T>, private detail::Lock {
public:
    explicit Basket(string owner);
    virtual ~Basket() = default;
    double total(double rate) const;
    int size() { return items.size(); }

private:
    std::vector<T> items;
};

enum class Currency { Eur };

struct Item {
    double cost;
};

using Rate = double;

double round_up(double x);

}  // namespace shop

double shop::Basket<int>::total(double rate) const {
    auto *lock = new detail::Lock(1);
    return std::accumulate(items.begin(), items.end(), 0.0) * prices::apply<int>(rate);
}

static double helper(double x) { return shop::round_up(x); }

TEST(Basket, StartsEmpty) {
    EXPECT_EQ(helper(0), 0);
}
