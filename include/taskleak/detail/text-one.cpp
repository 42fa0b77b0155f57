#include <taskleak/detail/symbols/symbolizer.hpp>
