// Hands values from one thread to another without a lock: any number of writers, one reader that
// takes everything at once, in the order it was put in.
#pragma once

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

namespace falcod::metadata {

template <typename Value>
class Mailbox {
 public:
  Mailbox() = default;
  ~Mailbox() { take(); }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  void put(Value value) {
    auto* node = new Node{std::move(value), top_.load(std::memory_order_relaxed)};
    while (!top_.compare_exchange_weak(node->below, node, std::memory_order_release,
                                       std::memory_order_relaxed)) {
    }
  }

  std::vector<Value> take() {
    std::vector<Value> values;
    // Looked at before it is written: an empty box costs its reader next to nothing.
    if (top_.load(std::memory_order_relaxed) == nullptr) return values;
    for (Node* node = top_.exchange(nullptr, std::memory_order_acquire); node != nullptr;) {
      values.push_back(std::move(node->value));
      delete std::exchange(node, node->below);
    }
    std::ranges::reverse(values);
    return values;
  }

 private:
  struct Node {
    Value value;
    Node* below;
  };
  std::atomic<Node*> top_ = nullptr;
};

}  // namespace falcod::metadata
