// SPDX-License-Identifier: MIT
/// \file Reads mangled names, also those that the demangler of libstdc++ 12 does not know: constraints, explicit object members,
/// `_BitInt`, parts of modules, lambdas in constructor templates.
///
/// The grammar is that of https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling; a function here has the name of its
/// production. What is no type and no name, an expression or a constraint, is read for the substitutions in it, and not kept.
#ifndef TASKLEAK_DETAIL_SYMBOLS_MANGLED_PARSER_HPP
#define TASKLEAK_DETAIL_SYMBOLS_MANGLED_PARSER_HPP

#include <taskleak/detail/symbols/mangled_arguments.hpp>
#include <taskleak/detail/symbols/mangled_expression.hpp>
#include <taskleak/detail/symbols/mangled_grammar.hpp>
#include <taskleak/detail/symbols/mangled_names.hpp>
#include <taskleak/detail/symbols/mangled_types.hpp>

#endif
