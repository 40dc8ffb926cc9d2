# The CUDA kernels as one fatbin beside the CUDA device's classes: a cubin for every architecture named here, and PTX for
# those that are not. Needs nvcc alone (no GPU, no driver); without it the rest of the library is built as ever.
#
# One fatbin, because cuModuleLoadData takes one; from one translation unit, because PTX cannot be linked. Each .cu
# is included into a namespace of its own, so that their helpers may have the same names; the entry points are extern "C".

# One PTX for all of them, compiled from the source once: no kernel uses anything younger than sm_80, compiling it
# again for each architecture takes twice the time, and what one GPU has shown of the code then holds for the others. It
# goes into the fatbin too: the driver of any younger GPU can compile it (from 580 on, as nvcc 13.0 writes PTX 9.0).
set(CUDA_ARCHITECTURES_BUILT 80 86 89 90 100 120)
set(CUDA_PTX 80)
set(NVCC_OLDEST 12.8) # the first that knows sm_120

set(KERNEL_DIRECTORY ${PROJECT_SOURCE_DIR}/../kernels)
set(KERNEL_BUILD ${CMAKE_BINARY_DIR}/kernels)
get_filename_component(KERNEL_FATBIN ${SADDLEPOINT_OUTPUT}/../cuda/kernels.fatbin ABSOLUTE)
get_filename_component(KERNEL_COMPILER ${SADDLEPOINT_OUTPUT}/../cuda/kernels.nvcc ABSOLUTE)

if(NVCC AND NOT EXISTS ${NVCC})
  unset(NVCC CACHE) # it was there when this folder was configured first
endif()
find_program(NVCC nvcc HINTS ENV CUDA_HOME ENV CUDA_PATH PATHS /usr/local/cuda PATH_SUFFIXES bin)
if(NVCC)
  execute_process(COMMAND ${NVCC} --version OUTPUT_VARIABLE NVCC_VERSION OUTPUT_STRIP_TRAILING_WHITESPACE)
  string(REGEX REPLACE ".*release ([0-9.]+),.*" "\\1" NVCC_VERSION "${NVCC_VERSION}")
  if(NVCC_VERSION VERSION_LESS NVCC_OLDEST)
    set(NO_KERNELS "nvcc ${NVCC_VERSION} is too old (${NVCC_OLDEST} is needed)")
  endif()
else()
  set(NO_KERNELS "nvcc was not found")
endif()
if(NO_KERNELS)
  message(STATUS "${NO_KERNELS}: this build has no CUDA device")
  file(REMOVE ${KERNEL_FATBIN} ${KERNEL_COMPILER}) # of an earlier build
  return()
endif()
# Drivers of an earlier major version do not take its cubins: the device looks before it tries.
file(CONFIGURE OUTPUT ${KERNEL_COMPILER} CONTENT "${NVCC_VERSION}" @ONLY)

file(GLOB KERNEL_SOURCES CONFIGURE_DEPENDS ${KERNEL_DIRECTORY}/*.cu)
file(GLOB_RECURSE KERNEL_HEADERS CONFIGURE_DEPENDS ${KERNEL_DIRECTORY}/*.cuh)

set(KERNEL_UNIT "#include \"prelude.cuh\"\n")
foreach(source IN LISTS KERNEL_SOURCES)
  get_filename_component(stem ${source} NAME_WE)
  string(APPEND KERNEL_UNIT "namespace ${stem}_cu {\n#include \"${stem}.cu\"\n}\n")
endforeach()
file(CONFIGURE OUTPUT ${KERNEL_BUILD}/kernels.cu CONTENT "${KERNEL_UNIT}" @ONLY)

# Host code is only preprocessed, so that any host compiler will do. Uncompressed: the jar compresses it, and the PTX in it
# is plain text, in which the resource gate finds the launch bounds.
set(NVCC_FLAGS -fatbin -std=c++17 -fmad=false -Werror all-warnings -Xptxas -v --no-compress --threads 2
               -allow-unsupported-compiler -ccbin ${CMAKE_CXX_COMPILER} -I${KERNEL_DIRECTORY})
foreach(architecture IN LISTS CUDA_ARCHITECTURES_BUILT)
  list(APPEND NVCC_FLAGS -gencode arch=compute_${CUDA_PTX},code=sm_${architecture})
endforeach()
list(APPEND NVCC_FLAGS -gencode arch=compute_${CUDA_PTX},code=compute_${CUDA_PTX})

add_custom_command(
  OUTPUT ${KERNEL_FATBIN}
  COMMAND ${CMAKE_COMMAND} -D "COMMAND=${NVCC};${NVCC_FLAGS};kernels.cu;-o;kernels.fatbin" -D LOG=ptxas.log
          -P ${PROJECT_SOURCE_DIR}/cmake/run_logged.cmake
  COMMAND ${CMAKE_COMMAND} -E copy kernels.fatbin ${KERNEL_FATBIN}
  WORKING_DIRECTORY ${KERNEL_BUILD}
  DEPENDS ${KERNEL_BUILD}/kernels.cu ${KERNEL_SOURCES} ${KERNEL_HEADERS} ${PROJECT_SOURCE_DIR}/cmake/kernels.cmake
  COMMENT "Compiling the CUDA kernels"
  VERBATIM)
add_custom_target(kernels ALL DEPENDS ${KERNEL_FATBIN})
