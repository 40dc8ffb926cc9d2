package org.saddlepoint.device.cpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** The raw functions of saddlepoint.h, in its order. Letters: P pointer, L int64, I int32, F float. */
final class CpuLibrary {
    private static final SymbolLookup SYMBOLS = NativeLibrary.load("libsaddlepoint_cpu.so");

    static final MethodHandle DEVICE_CREATE = bind("sp_device_create", "IIP");
    static final MethodHandle DEVICE_DESTROY = bind("sp_device_destroy", "P");
    static final MethodHandle DEVICE_LEVEL = bind("sp_device_level", "P");
    static final MethodHandle BEST_LEVEL = bind("sp_best_level", "");

    static final MethodHandle RECORDER_CREATE = bind("sp_recorder_create", "PP");
    static final MethodHandle RECORDER_BEGIN = bind("sp_recorder_begin", "PLP");
    static final MethodHandle RECORDER_RUN = bind("sp_recorder_run", "P");

    static final MethodHandle FMA_PEAK = bind("sp_fma_peak", "PLP");

    static final MethodHandle DENSE_PREPARE = bind("sp_dense_prepare", "PLLPP");
    static final MethodHandle DENSE_PREPARE_BF16 = bind("sp_dense_prepare_bf16", "PLLPPP");
    static final MethodHandle DENSE_FORWARD = bind("sp_dense_forward", "PLLLPPPIFP");
    static final MethodHandle DENSE_INPUT_GRADIENT = bind("sp_dense_input_gradient", "PLLLPPPIFP");
    static final MethodHandle DENSE_WEIGHT_GRADIENT = bind("sp_dense_weight_gradient", "PLLLPPPP");
    static final MethodHandle DENSE_LINF_STEP = bind("sp_dense_linf_step", "PLLLPPPFFPPP");

    static final MethodHandle DENSE_FORWARD_BF16 = bind("sp_dense_forward_bf16", "PLLLPPPPIFP");
    static final MethodHandle DENSE_INPUT_GRADIENT_BF16 = bind("sp_dense_input_gradient_bf16", "PLLLPPPPIFP");
    static final MethodHandle DENSE_WEIGHT_GRADIENT_BF16 = bind("sp_dense_weight_gradient_bf16", "PLLLPPPP");
    static final MethodHandle DENSE_LINF_STEP_BF16 = bind("sp_dense_linf_step_bf16", "PLLLPPPPFFPPP");

    static final MethodHandle CONVOLUTION_PREPARED_LENGTH = bind("sp_convolution_prepared_length", "PPP");
    static final MethodHandle CONVOLUTION_PREPARE = bind("sp_convolution_prepare", "PPPP");
    static final MethodHandle CONVOLUTION_FORWARD = bind("sp_convolution_forward", "PLPPPPIFP");
    static final MethodHandle CONVOLUTION_INPUT_GRADIENT = bind("sp_convolution_input_gradient", "PLPPPPIFP");
    static final MethodHandle CONVOLUTION_WEIGHT_GRADIENT = bind("sp_convolution_weight_gradient", "PLPPPPP");
    static final MethodHandle CONVOLUTION_LINF_STEP = bind("sp_convolution_linf_step", "PLPPPPFFPPP");

    static final MethodHandle MAX_POOL = bind("sp_max_pool", "PLPPPP");
    static final MethodHandle MAX_POOL_GRADIENT = bind("sp_max_pool_gradient", "PLPPPPIFP");
    static final MethodHandle AVERAGE_POOL = bind("sp_average_pool", "PLPPP");
    static final MethodHandle AVERAGE_POOL_GRADIENT = bind("sp_average_pool_gradient", "PLPPPIFP");
    static final MethodHandle TRANSPOSE = bind("sp_transpose", "PLLLPP");

    static final MethodHandle ACTIVATION_FORWARD = bind("sp_activation_forward", "PLPIFP");
    static final MethodHandle ACTIVATION_GRADIENT = bind("sp_activation_gradient", "PLPPIFP");
    static final MethodHandle SCALE_SHIFT = bind("sp_scale_shift", "PLLLPPPP");

    static final MethodHandle ADD = bind("sp_add", "PLPPIFP");
    static final MethodHandle COPY_COLUMNS = bind("sp_copy_columns", "PLLPLLPLL");

    static final MethodHandle CHANNEL_STATISTICS = bind("sp_channel_statistics", "PLLPPP");
    static final MethodHandle UPDATE_RUNNING_STATISTICS = bind("sp_update_running_statistics", "PLLFPPPP");
    static final MethodHandle FOLD_BATCH_NORM = bind("sp_fold_batch_norm", "PLPPFPPPP");
    static final MethodHandle BATCH_NORM_GRADIENT = bind("sp_batch_norm_gradient", "PLLPPPPFPPPP");
    static final MethodHandle LAYER_NORM = bind("sp_layer_norm", "PLLPPPFIFP");
    static final MethodHandle LAYER_NORM_GRADIENT = bind("sp_layer_norm_gradient", "PLLPPPFIFPP");
    static final MethodHandle LAYER_NORM_WEIGHT_GRADIENT = bind("sp_layer_norm_weight_gradient", "PLLPPFPP");
    static final MethodHandle DROPOUT = bind("sp_dropout", "PLLPPLIIFP");

    static final MethodHandle RECURRENT_FORWARD = bind("sp_recurrent_forward", "PLILLPPPPP");
    static final MethodHandle RECURRENT_BACKWARD = bind("sp_recurrent_backward", "PLILLPPPPPIPP");
    static final MethodHandle RECURRENT_WEIGHT_GRADIENT = bind("sp_recurrent_weight_gradient", "PLILLPPPP");

    static final MethodHandle SOFTMAX_CROSS_ENTROPY = bind("sp_softmax_cross_entropy", "PLLPPFIPP");
    static final MethodHandle MEAN_SQUARED_ERROR = bind("sp_mean_squared_error", "PLLPPFPP");
    static final MethodHandle MARGIN = bind("sp_margin", "PLLPPFPP");
    static final MethodHandle TARGET_LOSS = bind("sp_target_loss", "PILLPPPFPP");
    static final MethodHandle RANKED_CLASS = bind("sp_ranked_class", "PLLPPLP");
    static final MethodHandle ARG_MAX = bind("sp_arg_max", "PLLPP");

    static final MethodHandle LINF_STEP = bind("sp_linf_step", "PLLPPFFPPP");
    static final MethodHandle L2_STEP = bind("sp_l2_step", "PLLPPFFPPP");
    static final MethodHandle L1_STEP = bind("sp_l1_step", "PLLPPFFLPPP");
    static final MethodHandle RANDOM_START = bind("sp_random_start", "PIILLPPFLIIP");
    static final MethodHandle RANDOM_WORDS = bind("sp_random_words", "PLLPLIIP");
    static final MethodHandle KEEP_ITERATE = bind("sp_keep_iterate", "PLLLPPPPIIPPP");

    static final MethodHandle BOUNDARY_STEP = bind("sp_boundary_step", "PILLLPPPPFFPPP");
    static final MethodHandle KEEP_CLOSEST = bind("sp_keep_closest", "PILLLPPPFFIIPPPP");
    static final MethodHandle ASCENT_START = bind("sp_ascent_start", "PILLPPFLIIP");
    static final MethodHandle ASCENT_STEP = bind("sp_ascent_step", "PILLPPPFFPPPPP");
    static final MethodHandle ASCENT_CHECK = bind("sp_ascent_check", "PLLPFIPPPPPPP");
    static final MethodHandle MOMENTUM = bind("sp_momentum", "PLLPFPPP");
    static final MethodHandle PENALTY_SEARCH = bind("sp_penalty_search", "PLLPIFIPPPPPPP");
    static final MethodHandle PENALTY_STEP = bind("sp_penalty_step", "PLLPPPIFFIFFIIPPPPPPPPPP");
    static final MethodHandle SQUARE_START = bind("sp_square_start", "PILLLLLLPFPPFLIIP");
    static final MethodHandle SQUARE_PROPOSAL = bind("sp_square_proposal", "PILLLLLLPPPPFLIIPP");
    static final MethodHandle NOISE_PROBE = bind("sp_noise_probe", "PILLPPFPLIIPP");
    static final MethodHandle NES_ESTIMATE = bind("sp_nes_estimate", "PLLPPPPIPP");
    static final MethodHandle HOP_TURN = bind("sp_hop_turn", "PIILLIIIPPPPPPPPPP");
    static final MethodHandle HOP_PROPOSE = bind("sp_hop_propose", "PIILLPPPPPPP");
    static final MethodHandle HOP_JUDGE = bind("sp_hop_judge", "PIILLLPPPFIIPPPPPPPPPPP");
    static final MethodHandle DIVERGENCE = bind("sp_divergence", "PLLPPFPP");
    static final MethodHandle TRADES = bind("sp_trades", "PLLPPFFPP");
    static final MethodHandle GAUSSIAN_START = bind("sp_gaussian_start", "PILLPPFFLIIP");

    static final MethodHandle ITERATE_DENSE_STACK = bind("sp_iterate_dense_stack", "PIPP");
    static final MethodHandle UPDATE_DENSE_STACK = bind("sp_update_dense_stack", "PIPP");

    static final MethodHandle SGD = bind("sp_sgd", "PLPFFIFLPP");
    static final MethodHandle ADAM = bind("sp_adam", "PLPFFFFFILPPP");

    static final MethodHandle GATHER_BYTES = bind("sp_gather_bytes", "PLLPPP");
    static final MethodHandle GATHER_FLOATS = bind("sp_gather_floats", "PLLPPP");
    static final MethodHandle GATHER_INTS = bind("sp_gather_ints", "PLPPP");
    static final MethodHandle COPY = bind("sp_copy", "PLPP");
    static final MethodHandle SUM = bind("sp_sum", "PLPP");

    private CpuLibrary() {}

    private static MethodHandle bind(String name, String parameters) {
        MemoryLayout[] layouts = parameters
                .chars()
                .mapToObj(letter -> switch (letter) {
                    case 'P' -> ADDRESS;
                    case 'L' -> JAVA_LONG;
                    case 'I' -> JAVA_INT;
                    case 'F' -> JAVA_FLOAT;
                    default -> throw new IllegalArgumentException(parameters);
                })
                .toArray(MemoryLayout[]::new);
        return Linker.nativeLinker()
                .downcallHandle(SYMBOLS.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, layouts));
    }
}
