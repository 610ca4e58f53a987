# Fails if the generated parser FILE needs ANTLR's adaptive prediction, that is, if a grammar is no
# longer LL(1) and parsing no longer linear.
file(READ "${FILE}" text)
if(text MATCHES "adaptivePredict")
  file(REMOVE "${FILE}")
  message(FATAL_ERROR "${FILE}: the grammar is not LL(1)")
endif()
