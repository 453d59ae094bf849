# A shop, to show what Ruby says.
require "json"
require_relative "prices"

LIMIT = 3

module Shops
  # What a customer carries.
  class Basket < Store::Base
    include Enumerable

    RATE = 1.0

    def initialize(owner)
      super()
      @items = []
    end

    def self.of(owner)
      new(owner)
    end

    # The price of everything.
    def total(rate = RATE)
      @items.sum { |item| item.cost } * Prices.apply(rate)
    end

    def empty?
      @items.empty?
    end
  end
end

describe "a basket" do
  it "starts empty" do
    expect(Shops::Basket.of("me").total).to eq(0)
  end
end

def test_total
  assert_equal 0, helper(1)
end
