// SPDX-License-Identifier: MIT
/// \file Writes a profile in the format of pprof: numbers every text, function and place once, and encodes the samples.
///
/// The numbers of the fields are those of proto/profile.proto of github.com/google/pprof.
#ifndef TASKLEAK_DETAIL_REPORT_PPROF_PROFILE_WRITER_HPP
#define TASKLEAK_DETAIL_REPORT_PPROF_PROFILE_WRITER_HPP

#include <taskleak/detail/base/visible.hpp>
#include <taskleak/report.hpp>

#include <protozero/pbf_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskleak::inline v0::detail {

/// Encodes one profile. Nothing in it depends on the order of addresses in memory: the same samples give the same bytes.
class profile_writer {
 public:
  /// A text's place in the profile's table.
  using text_number = std::int64_t;

  profile_writer() {
    (void)text("");  // the format wants the empty text at 0
  }

  /// Returns the number of the text, which is made valid UTF-8 on one line.
  text_number text(std::string_view raw) {
    const std::string shown = on_one_line(raw);
    const auto [entry, is_new] = numbers_of_texts_.try_emplace(shown, static_cast<text_number>(numbers_of_texts_.size()));
    if (is_new) texts_.push_back(&entry->first);
    return entry->second;
  }

  /// Says what the values of a sample are: `tasks` in `count`.
  void add_value_type(std::string_view type, std::string_view unit) { profile_.add_message(1, value_type(type, unit)); }

  /// Says what is counted once for each `period`: profiles of different kinds are not compared with one another.
  void set_period(std::string_view type, std::string_view unit, std::int64_t period) {
    profile_.add_message(11, value_type(type, unit));
    profile_.add_int64(12, period);
  }

  void set_default_value_type(std::string_view type) { profile_.add_int64(14, text(type)); }
  void set_time(std::int64_t nanoseconds_since_1970) { profile_.add_int64(9, nanoseconds_since_1970); }
  void set_duration(std::int64_t nanoseconds) { profile_.add_int64(10, nanoseconds); }
  void add_comment(std::string_view comment) { comments_.push_back(text(comment)); }

  /// Returns the numbers of a stack's places, innermost first. Functions that are inlined into another are one place with it.
  std::vector<std::uint64_t> places(const std::vector<frame>& stack, bool plumbing_too) {
    std::vector<std::uint64_t> numbers;
    place at;
    for (const frame& f : stack) {
      if (!f.plumbing || plumbing_too) {
        at.address = f.address;
        if (at.module == 0) at.module = number_of_module(f.module);
        at.lines.emplace_back(number_of_function(f), static_cast<std::int64_t>(f.line));
      }
      if (f.inlined || at.lines.empty()) continue;
      numbers.push_back(number_of(std::move(at)));
      at = {};
    }
    if (!at.lines.empty()) numbers.push_back(number_of(std::move(at)));
    return numbers;
  }

  /// Adds a sample; `labels` are numbers of a key and of a text.
  void add_sample(const std::vector<std::uint64_t>& stack, const std::vector<std::int64_t>& values,
                  const std::vector<std::pair<text_number, text_number>>& labels) {
    std::string sample;
    protozero::pbf_writer to(sample);
    to.add_packed_uint64(1, stack.begin(), stack.end());
    to.add_packed_int64(2, values.begin(), values.end());
    for (const auto& [key, value] : labels) {
      std::string label;
      protozero::pbf_writer one(label);
      one.add_int64(1, key);
      one.add_int64(2, value);
      to.add_message(3, label);
    }
    profile_.add_message(2, sample);
  }

  /// Returns the profile, not compressed. To be called once.
  std::string take() {
    for (const auto& [module, number] : modules_) {
      std::string mapping;
      protozero::pbf_writer to(mapping);
      to.add_uint64(1, number);
      to.add_int64(5, module);
      // the names are there: no tool has to look into a file for them, which may be another by then
      for (const protozero::pbf_tag_type has : {7u, 8u, 9u, 10u}) to.add_bool(has, true);
      profile_.add_message(3, mapping);
    }
    for (const auto& [of, number] : places_) {
      std::string location;
      protozero::pbf_writer to(location);
      to.add_uint64(1, number);
      if (of.module != 0) to.add_uint64(2, of.module);
      to.add_uint64(3, of.address);
      for (const auto& [function, line] : of.lines) {
        std::string bytes;
        protozero::pbf_writer one(bytes);
        one.add_uint64(1, function);
        one.add_int64(2, line);
        to.add_message(4, bytes);
      }
      profile_.add_message(4, location);
    }
    for (const auto& [of, number] : functions_) {
      std::string function;
      protozero::pbf_writer to(function);
      to.add_uint64(1, number);
      to.add_int64(2, of.first);  // no system_name: the tool would cut what is in parentheses out of a name that is the same
      to.add_int64(4, of.second);
      profile_.add_message(5, function);
    }
    profile_.add_packed_int64(13, comments_.begin(), comments_.end());
    for (const std::string* one : texts_) profile_.add_string(6, *one);
    return std::move(bytes_);
  }

 private:
  struct place {
    std::uint64_t address = 0;
    std::uint64_t module = 0;
    std::vector<std::pair<std::uint64_t, std::int64_t>> lines{};  ///< function and line, innermost first

    friend auto operator<=>(const place&, const place&) = default;
  };

  std::string value_type(std::string_view type, std::string_view unit) {
    std::string bytes;
    protozero::pbf_writer to(bytes);
    to.add_int64(1, text(type));
    to.add_int64(2, text(unit));
    return bytes;
  }

  /// Returns the number that the key has, or the next one, from 1.
  template <class Map, class Key>
  static std::uint64_t number_in(Map& numbers, Key&& key) {
    return numbers.try_emplace(std::forward<Key>(key), numbers.size() + 1).first->second;
  }

  std::uint64_t number_of(place&& at) { return number_in(places_, std::move(at)); }
  std::uint64_t number_of_function(const frame& f) { return number_in(functions_, std::pair(text(f.function), text(f.file))); }
  std::uint64_t number_of_module(const std::string& path) { return path.empty() ? 0 : number_in(modules_, text(path)); }

  std::string bytes_;
  protozero::pbf_writer profile_{bytes_};
  std::map<std::string, text_number> numbers_of_texts_;
  std::vector<const std::string*> texts_;  ///< in the order of their numbers; keys of the map
  std::map<std::pair<text_number, text_number>, std::uint64_t> functions_;
  std::map<text_number, std::uint64_t> modules_;
  std::map<place, std::uint64_t> places_;
  std::vector<text_number> comments_;
};

}  // namespace taskleak::inline v0::detail

#endif
