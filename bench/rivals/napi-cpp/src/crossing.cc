// What crossing from native code into JavaScript costs at least: the same N matches handed over as one object each, and as
// columns in one ArrayBuffer. The matches are made up beforehand (make), so that only the crossing is timed.
//
// The columns have the layout of Quern's batches (little-endian, in this order): header u32[8], line f64[n], offset f64[n],
// file u32[n], textEnd u32[n], rangeEnd u32[n], ranges u32[2n], pathEnd u32[files], text bytes, path bytes.
#include <napi.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr uint32_t kMatchesPerFile = 20;

struct Match {
  uint64_t line;
  uint64_t offset;
  uint32_t file;
  std::string text;
  uint32_t start;
  uint32_t end;
};

std::vector<Match> matches;
std::vector<std::string> paths;

// make(n): prepares n matches of 30 to 90 bytes of text, 20 a file.
void Make(const Napi::CallbackInfo& info) {
  const uint32_t count = info[0].As<Napi::Number>().Uint32Value();
  matches.clear();
  paths.clear();
  for (uint32_t i = 0; i < count; ++i) {
    if (i % kMatchesPerFile == 0) paths.push_back("drivers/net/ethernet/vendor/file_" + std::to_string(i) + ".c");
    std::string text(30 + (i * 7919) % 61, 'x');
    const auto line = static_cast<uint64_t>(i % kMatchesPerFile) * 37 + 1;
    matches.push_back({line, line * 40, static_cast<uint32_t>(paths.size() - 1), std::move(text), 4, 15});
  }
}

// objects(): an array of {path, line, offset, text, start, end}.
Napi::Value Objects(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Array result = Napi::Array::New(env, matches.size());
  uint32_t at = 0;
  for (const Match& match : matches) {
    const Napi::HandleScope scope(env);
    Napi::Object object = Napi::Object::New(env);
    object.Set("path", Napi::String::New(env, paths[match.file]));
    object.Set("line", Napi::Number::New(env, static_cast<double>(match.line)));
    object.Set("offset", Napi::Number::New(env, static_cast<double>(match.offset)));
    object.Set("text", Napi::String::New(env, match.text));
    object.Set("start", Napi::Number::New(env, match.start));
    object.Set("end", Napi::Number::New(env, match.end));
    result.Set(at++, object);
  }
  return result;
}

template <typename Number>
uint8_t* Put(uint8_t* at, const Number value) {
  std::memcpy(at, &value, sizeof value);
  return at + sizeof value;
}

uint8_t* PutBytes(uint8_t* at, const std::string& bytes) {
  std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

// columns(): the same matches in one ArrayBuffer.
Napi::Value Columns(const Napi::CallbackInfo& info) {
  size_t text_bytes = 0;
  size_t path_bytes = 0;
  for (const Match& match : matches) text_bytes += match.text.size();
  for (const std::string& path : paths) path_bytes += path.size();
  const size_t row_bytes = 2 * sizeof(double) + 5 * sizeof(uint32_t);
  const size_t total = 8 * sizeof(uint32_t) + matches.size() * row_bytes + paths.size() * sizeof(uint32_t) + text_bytes + path_bytes;

  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(info.Env(), total);
  auto* at = static_cast<uint8_t*>(buffer.Data());
  const auto rows = static_cast<uint32_t>(matches.size());
  for (const uint32_t value : {rows, static_cast<uint32_t>(paths.size()), rows, static_cast<uint32_t>(text_bytes),
                               static_cast<uint32_t>(path_bytes), 0U, 0U, 0U}) {
    at = Put(at, value);
  }
  for (const Match& match : matches) at = Put(at, static_cast<double>(match.line));
  for (const Match& match : matches) at = Put(at, static_cast<double>(match.offset));
  for (const Match& match : matches) at = Put(at, match.file);
  uint32_t end = 0;
  for (const Match& match : matches) at = Put(at, end += static_cast<uint32_t>(match.text.size()));
  for (uint32_t row = 1; row <= rows; ++row) at = Put(at, row);
  for (const Match& match : matches) at = Put(Put(at, match.start), match.end);
  end = 0;
  for (const std::string& path : paths) at = Put(at, end += static_cast<uint32_t>(path.size()));
  for (const Match& match : matches) at = PutBytes(at, match.text);
  for (const std::string& path : paths) at = PutBytes(at, path);
  return buffer;
}

// nothing(): the cost of a call alone.
Napi::Value Nothing(const Napi::CallbackInfo& info) { return info.Env().Undefined(); }

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("make", Napi::Function::New(env, Make));
  exports.Set("objects", Napi::Function::New(env, Objects));
  exports.Set("columns", Napi::Function::New(env, Columns));
  exports.Set("nothing", Napi::Function::New(env, Nothing));
  return exports;
}

}  // namespace

NODE_API_MODULE(crossing, Init)
