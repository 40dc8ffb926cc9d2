#include "image.h"

#include <cstdint>
#include <cstring>

#include <elf.h>
#include <sys/uio.h>
#include <unistd.h>

namespace emu {
namespace {

constexpr uint32_t FATBIN_MAGIC = 0xba55ed50;
constexpr uint32_t WRAPPER_MAGIC = 0x466243b1;  // the struct that nvcc's host code passes: its pointer leads to a fatbin
constexpr uint32_t ELF_MAGIC = 0x464c457f;
constexpr uint64_t LARGEST_IMAGE = uint64_t(1) << 30;
constexpr uint64_t COMPRESSED = 0xa000;

// The call passes no length, and a truncated image may end before its headers say: the kernel copies what can be read.
std::vector<char> read_memory(const void* address, size_t bytes) {
    std::vector<char> copy(bytes);
    const iovec local{copy.data(), bytes}, remote{const_cast<void*>(address), bytes};
    const ssize_t got = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
    copy.resize(got < 0 ? 0 : size_t(got));
    return copy;
}

// Bounds-checked view.
class Bytes {
public:
    Bytes(const char* data, uint64_t size) : data_(data), size_(size) {}
    uint64_t size() const { return size_; }

    template <class T>
    T at(uint64_t offset) const {
        check(offset, sizeof(T));
        T value;
        std::memcpy(&value, data_ + offset, sizeof value);
        return value;
    }
    Bytes part(uint64_t offset, uint64_t size) const {
        check(offset, size);
        return {data_ + offset, size};
    }
    std::string text(uint64_t offset) const {
        check(offset, 1);
        return std::string(data_ + offset, strnlen(data_ + offset, size_ - offset));
    }

private:
    void check(uint64_t offset, uint64_t size) const {
        if (offset > size_ || size > size_ - offset) {
            fail(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: the image is truncated or corrupt");
        }
    }
    const char* data_;
    uint64_t size_;
};

// One attribute of a .nv.info section.
struct Attribute {
    unsigned format, kind, value;
    Bytes data;  // where the format has any
};

template <class Visit>
void each_attribute(Bytes info, Visit visit) {
    constexpr unsigned WITH_DATA = 4;
    for (uint64_t at = 0; at + 4 <= info.size();) {
        const unsigned format = info.at<uint8_t>(at), kind = info.at<uint8_t>(at + 1), value = info.at<uint16_t>(at + 2);
        at += 4;
        const uint64_t length = format == WITH_DATA ? value : 0;
        visit(Attribute{format, kind, value, info.part(at, length)});
        at += length;
    }
}

// Attribute numbers as nvdisasm and cuobjdump print them (EIATTR_*).
constexpr unsigned MAX_THREADS = 0x05, FRAME_SIZE = 0x11, PARAMETER = 0x17, REGISTERS = 0x2f, PARAMETER_V2 = 0x45;

void read_kernel_info(Bytes info, ImageKernel& kernel) {
    std::map<unsigned, unsigned> sizes;
    each_attribute(info, [&](const Attribute& attribute) {
        if (attribute.kind == PARAMETER) {  // index, ordinal, offset; the size lies in the top 14 bits
            sizes[attribute.data.at<uint16_t>(4)] = attribute.data.at<uint32_t>(8) >> 18;
        } else if (attribute.kind == PARAMETER_V2) {
            sizes[attribute.data.at<uint16_t>(4)] = attribute.data.at<uint16_t>(10);
        } else if (attribute.kind == MAX_THREADS) {
            uint64_t threads = 1;
            for (unsigned axis = 0; axis < 3; axis++) {
                threads *= attribute.data.at<uint32_t>(4 * axis);
                threads = threads > 1024 ? 1024 : threads;
            }
            kernel.max_threads = int(threads);
        }
    });
    for (const auto& entry : sizes) {
        kernel.parameter_sizes.push_back(entry.second);
    }
}

std::map<std::string, ImageKernel> read_cubin(Bytes elf) {
    const auto header = elf.at<Elf64_Ehdr>(0);
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_shentsize != sizeof(Elf64_Shdr)) {
        fail(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: not a 64-bit cubin");
    }
    const auto section = [&](unsigned i) { return elf.at<Elf64_Shdr>(header.e_shoff + uint64_t(i) * sizeof(Elf64_Shdr)); };
    const auto contents = [&](const Elf64_Shdr& s) {
        return s.sh_type == SHT_NOBITS ? Bytes(nullptr, 0) : elf.part(s.sh_offset, s.sh_size);
    };
    const Bytes names = contents(section(header.e_shstrndx));
    const auto after = [](const std::string& name, const std::string& prefix) {
        return name.compare(0, prefix.size(), prefix) == 0 ? name.substr(prefix.size()) : std::string();
    };

    std::map<std::string, ImageKernel> kernels;
    for (unsigned i = 0; i < header.e_shnum; i++) {
        const std::string kernel = after(names.text(section(i).sh_name), ".nv.info.");
        if (!kernel.empty()) {
            read_kernel_info(contents(section(i)), kernels[kernel]);
        }
    }
    // From sm_90 on each kernel's section begins with the kilobyte that the system keeps; limits do not count it.
    constexpr int SYSTEM_SHARED = 1024;
    bool system_shared = false;
    for (unsigned i = 0; i < header.e_shnum; i++) {
        system_shared |= names.text(section(i).sh_name) == ".nv.shared.reserved.0";
    }
    for (unsigned i = 0; i < header.e_shnum; i++) {
        const Elf64_Shdr s = section(i);
        const std::string name = names.text(s.sh_name);
        const auto shared_of = kernels.find(after(name, ".nv.shared."));
        if (shared_of != kernels.end()) {
            if (s.sh_size > LARGEST_IMAGE) {
                fail(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: the cubin is corrupt");
            }
            const int bytes = int(s.sh_size);
            shared_of->second.static_shared = system_shared && bytes >= SYSTEM_SHARED ? bytes - SYSTEM_SHARED : bytes;
        }
        if (name != ".nv.info") {
            continue;
        }
        // Registers and stack frames stand by symbol.
        const Elf64_Shdr symbol_section = section(s.sh_link);
        const Bytes symbols = contents(symbol_section), symbol_names = contents(section(symbol_section.sh_link));
        each_attribute(contents(s), [&](const Attribute& attribute) {
            if (attribute.kind != REGISTERS && attribute.kind != FRAME_SIZE) {
                return;
            }
            const auto symbol = symbols.at<Elf64_Sym>(uint64_t(attribute.data.at<uint32_t>(0)) * sizeof(Elf64_Sym));
            const auto kernel = kernels.find(symbol_names.text(symbol.st_name));
            if (kernel != kernels.end()) {
                (attribute.kind == REGISTERS ? kernel->second.registers : kernel->second.local_bytes) =
                        int(attribute.data.at<uint32_t>(4));
            }
        });
    }
    if (kernels.empty()) {
        fail(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: the cubin holds no kernel");
    }
    return kernels;
}

std::map<std::string, ImageKernel> read_fatbin(Bytes fatbin, int cc) {
    constexpr unsigned PTX = 1, CUBIN = 2;
    std::string contents;
    Bytes best(nullptr, 0);
    int best_architecture = 0;
    bool best_compressed = false;
    for (uint64_t at = fatbin.at<uint16_t>(6); at < fatbin.size();) {
        const unsigned kind = fatbin.at<uint16_t>(at), header_size = fatbin.at<uint32_t>(at + 4);
        const uint64_t size = fatbin.at<uint64_t>(at + 8), flags = fatbin.at<uint64_t>(at + 40);
        const int architecture = int(fatbin.at<uint32_t>(at + 28));
        if ((kind != PTX && kind != CUBIN) || header_size < 48) {
            fail(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: the fatbin is corrupt");
        }
        const Bytes entry = fatbin.part(at + header_size, size);
        contents += (kind == CUBIN ? " sm_" : " compute_") + std::to_string(architecture);
        if (kind == CUBIN && architecture / 10 == cc / 10 && architecture <= cc && architecture > best_architecture) {
            best = entry;
            best_architecture = architecture;
            best_compressed = flags & COMPRESSED;
        }
        at += header_size + size;
    }
    if (best_architecture == 0) {
        fail(CUDA_ERROR_NO_BINARY_FOR_GPU,
             "cuModuleLoadData: no binary for sm_%d; the image holds%s (PTX is not compiled here)", cc, contents.c_str());
    }
    if (best_compressed) {
        fail(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: a compressed fatbin: build it with nvcc --no-compress");
    }
    return read_cubin(best);
}

}  // namespace

std::map<std::string, ImageKernel> read_image(const void* image, int cc) {
    require(image != nullptr, CUDA_ERROR_INVALID_VALUE);
    std::vector<char> start = read_memory(image, 64);
    if (start.size() < 8) {
        fail(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: the image is truncated");
    }
    const Bytes head(start.data(), start.size());
    const auto magic = head.at<uint32_t>(0);
    if (magic == WRAPPER_MAGIC) {
        return read_image(reinterpret_cast<const void*>(head.at<uint64_t>(8)), cc);
    }
    if (magic == FATBIN_MAGIC) {
        const uint64_t size = head.at<uint16_t>(6) + head.at<uint64_t>(8);
        if (size > LARGEST_IMAGE) {
            fail(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: the fatbin's header is corrupt");
        }
        const std::vector<char> all = read_memory(image, size);
        if (all.size() < size) {
            fail(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: the fatbin is truncated");
        }
        return read_fatbin(Bytes(all.data(), all.size()), cc);
    }
    if (magic == ELF_MAGIC) {
        const auto header = head.at<Elf64_Ehdr>(0);
        const uint64_t sections = header.e_shoff + uint64_t(header.e_shnum) * header.e_shentsize;
        const uint64_t programs = header.e_phoff + uint64_t(header.e_phnum) * header.e_phentsize;
        const uint64_t size = sections > programs ? sections : programs;
        if (size > LARGEST_IMAGE) {
            fail(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: the cubin's header is corrupt");
        }
        const std::vector<char> all = read_memory(image, size);
        return read_cubin(Bytes(all.data(), all.size()));
    }
    const std::vector<char> text = read_memory(image, 4096);
    if (std::string(text.begin(), text.end()).find(".version") != std::string::npos) {
        fail(CUDA_ERROR_JIT_COMPILER_NOT_FOUND, "cuModuleLoadData: PTX is not compiled here");
    }
    fail(CUDA_ERROR_INVALID_IMAGE, "cuModuleLoadData: neither a fatbin nor a cubin");
}

}  // namespace emu
