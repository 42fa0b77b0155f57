/// \file The licence is missing.
#ifndef TASKLEAK_NO_LICENCE_HPP
#define TASKLEAK_NO_LICENCE_HPP

#endif
