// libc++: containers, algorithms, strings, streams, files, smart pointers, without exceptions. Counts the words of
// standard input, keeps a file in the folder `work`, and prints numbers in many forms.
#include <algorithm>
#include <chrono>
#include <deque>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

namespace {

struct Shape {
  virtual ~Shape() = default;
  virtual double area() const = 0;
  virtual std::string_view name() const = 0;
};

struct Circle final : Shape {
  explicit Circle(double radius) : radius(radius) {}
  double area() const override { return 3.141592653589793 * radius * radius; }
  std::string_view name() const override { return "circle"; }
  double radius;
};

struct Box final : Shape {
  Box(double width, double height) : width(width), height(height) {}
  double area() const override { return width * height; }
  std::string_view name() const override { return "box"; }
  double width, height;
};

// Prints when it is made and when it goes, so that the order of destructors shows.
struct Noisy {
  explicit Noisy(std::string name) : name(std::move(name)) { std::cout << "+" << this->name << ' '; }
  ~Noisy() { std::cout << "-" << name << ' '; }
  std::string name;
};

Noisy global{"global"};

void count_words() {
  std::unordered_map<std::string, int> counts;
  std::string word;
  while (std::cin >> word) {
    std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::tolower(c); });
    word.erase(std::remove_if(word.begin(), word.end(), [](unsigned char c) { return std::ispunct(c); }), word.end());
    if (!word.empty()) counts[word]++;
  }
  std::vector<std::pair<std::string, int>> ranked(counts.begin(), counts.end());
  std::sort(ranked.begin(), ranked.end(),
            [](const auto &a, const auto &b) { return std::tie(b.second, a.first) < std::tie(a.second, b.first); });
  std::cout << counts.size() << " words\n";
  for (size_t i = 0; i < 5 && i < ranked.size(); i++)
    std::cout << std::left << std::setw(8) << ranked[i].first << std::right << std::setw(4) << ranked[i].second << '\n';
}

void containers() {
  std::mt19937 random(42);
  std::vector<unsigned> numbers(20000);
  std::generate(numbers.begin(), numbers.end(), [&] { return random() % 100000; });
  std::set<unsigned> distinct(numbers.begin(), numbers.end());
  std::stable_sort(numbers.begin(), numbers.end(), [](unsigned a, unsigned b) { return a % 100 < b % 100; });
  std::cout << distinct.size() << " distinct, first " << *distinct.begin() << ", last " << *distinct.rbegin()
            << ", sorted " << std::is_sorted(numbers.begin(), numbers.end(), [](unsigned a, unsigned b) {
                 return a % 100 < b % 100;
               }) << ", sum " << std::accumulate(numbers.begin(), numbers.end(), 0ull) << '\n';

  std::map<std::string, std::vector<int>> groups;
  for (int i = 1; i <= 30; i++) groups[i % 15 == 0 ? "fizzbuzz" : i % 5 == 0 ? "buzz" : i % 3 == 0 ? "fizz" : "rest"].push_back(i);
  for (const auto &[name, members] : groups) std::cout << name << ':' << members.size() << ' ';

  std::priority_queue<int, std::vector<int>, std::greater<>> heap;
  for (int i = 0; i < 50; i++) heap.push((i * 37) % 50);
  std::deque<int> lowest;
  for (int i = 0; i < 5; i++, heap.pop()) lowest.push_front(heap.top());
  for (int value : lowest) std::cout << value << ' ';

  std::list<int> chain{5, 3, 9, 1};
  chain.sort();
  chain.remove_if([](int value) { return value == 3; });
  for (int value : chain) std::cout << value << ' ';
  std::cout << '\n';
}

void streams() {
  std::cout << std::setprecision(17) << 0.1 << ' ' << std::fixed << std::setprecision(3) << 2.0 / 3 << ' '
            << std::scientific << 12345.678 << ' ' << std::defaultfloat << std::setprecision(6) << 1e100 << ' '
            << std::hexfloat << 0.75 << std::defaultfloat << '\n';
  std::cout << std::hex << std::showbase << 48879 << ' ' << std::oct << 8 << std::dec << std::noshowbase << ' '
            << std::boolalpha << true << ' ' << std::setfill('*') << std::setw(6) << -42 << std::setfill(' ') << ' '
            << std::showpos << 7 << std::noshowpos << '\n';
  std::istringstream input("12 0x1f 3.5e2 word");
  int decimal = 0, hexadecimal = 0;
  double real = 0;
  std::string rest;
  input >> decimal >> std::hex >> hexadecimal >> real >> rest;
  std::cout << decimal << ' ' << hexadecimal << ' ' << real << ' ' << rest << ' ' << input.eof() << '\n';
  std::cout << std::stoi("-77") + 7 << ' ' << std::stod("6.25e-2") << ' ' << std::to_string(1 << 20) << '\n';
}

void files() {
  {
    std::ofstream out("/work/table.txt");
    for (int i = 0; i < 1000; i++) out << i << '\t' << i * i << '\n';
  }
  std::ifstream in("/work/table.txt");
  long long sum = 0, index = 0, square = 0;
  while (in >> index >> square) sum += square;
  in.clear();
  in.seekg(0, std::ios::end);
  std::cout << "read " << index + 1 << " lines, " << sum << ", " << in.tellg() << " bytes; missing file: "
            << std::ifstream("/work/none").is_open() << '\n';
}

void types() {
  std::vector<std::unique_ptr<Shape>> shapes;
  shapes.push_back(std::make_unique<Circle>(1.5));
  shapes.push_back(std::make_unique<Box>(2, 3));
  std::sort(shapes.begin(), shapes.end(), [](const auto &a, const auto &b) { return a->area() < b->area(); });
  for (const auto &shape : shapes) std::cout << shape->name() << ' ' << shape->area() << "; ";
  auto shared = std::make_shared<Noisy>("shared");
  std::weak_ptr<Noisy> weak = shared;
  std::function<size_t()> count = [copy = shared] { return copy.use_count(); };
  std::cout << count() << ' ';
  shared.reset();
  count = nullptr;
  std::cout << weak.expired() << '\n';
  std::variant<int, std::string> either = "text";
  std::optional<int> nothing;
  std::cout << std::get<std::string>(either) << ' ' << either.index() << ' ' << nothing.value_or(3) << '\n';
  auto before = std::chrono::steady_clock::now();
  std::cout << (std::chrono::steady_clock::now() >= before) << '\n';
}

} // namespace

int main(int argc, char **argv) {
  Noisy local{"local"};
  std::cout << argc - 1 << " arguments: " << std::string(argc > 1 ? argv[1] : "") << '\n';
  count_words();
  containers();
  streams();
  files();
  types();
  std::cerr << "done\n";
  return 7;
}
