# Runs COMMAND (a list) and keeps what it says in LOG; says it only where the command fails.
execute_process(COMMAND ${COMMAND} RESULT_VARIABLE status OUTPUT_VARIABLE said ERROR_VARIABLE said)
file(WRITE ${LOG} "${said}")
if(NOT status EQUAL 0)
  message("${said}")
  list(GET COMMAND 0 program)
  message(FATAL_ERROR "${program} failed (${status})")
endif()
