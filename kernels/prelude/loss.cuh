// Losses of one row of c logits z by one warp (conventions: reduce.cuh), with their logit gradients; loss (one value) and
// gradient (c values, may be z) may each be null, all outputs are overwritten. Same order of summation as native/cpu, so the
// same bits but for the double-precision logarithm of a cross-entropy's value.
#pragma once

// The values of sp_loss.
enum Loss { kCrossEntropy = 0, kMeanSquaredError = 1, kMarginLoss = 2 };

// loss = log sum exp z - z_y. gradient = factor * (softmax(z) - onehot(y)); rescaled, a positive multiple of it that neither
// underflows nor cancels: factor * exp(z_j - max_{i != y} z_i), and minus the sum of those for y.
DEVICE void softmax_cross_entropy_row(int c, const float* z, int label, float factor, int rescaled, float* loss,
                                      float* gradient) {
    const int lane = warp_lane();
    const float truth = z[label];
    float other = __uint_as_float(0xff800000u);  // the largest logit of the other classes
    for (int j = lane; j < c; j += kWarp) {
        other = j != label && z[j] > other ? z[j] : other;
    }
    other = warp_max(other);
    const float largest = truth > other ? truth : other;
    float others = 0.0f;
    for (int first = 0; first < c; first += kWarp) {
        const int j = first + lane;
        const float term = j < c && j != label ? exp_of(z[j] - largest) : 0.0f;
        others = warp_add_in_order(others, term, c - first < kWarp ? c - first : kWarp);
    }
    const float sum = others + exp_of(truth - largest);
    if (loss != nullptr && lane == 0) {
        // log(1 + others) without adding: a confident example keeps a loss above zero, and attacks keep comparing.
        *loss = largest == truth ? static_cast<float>(log1p(static_cast<double>(others)))
                                 : static_cast<float>(log(static_cast<double>(sum))) + (largest - truth);
    }
    if (gradient == nullptr) {
        return;
    }
    __syncwarp();  // gradient may be z
    const float reference = rescaled != 0 ? other : largest;
    const float scale = rescaled != 0 ? factor : factor / sum;
    float total = 0.0f;
    for (int first = 0; first < c; first += kWarp) {
        const int j = first + lane;
        float term = 0.0f;
        if (j < c && j != label) {
            term = exp_of(z[j] - reference) * scale;
            gradient[j] = term;
        }
        total = warp_add_in_order(total, term, c - first < kWarp ? c - first : kWarp);
    }
    if (lane == 0) {
        gradient[label] = -total;
    }
    __syncwarp();
}

// loss = mean over classes of (z - onehot(y))^2.
DEVICE void mean_squared_error_row(int c, const float* z, int label, float factor, float* loss, float* gradient) {
    const int lane = warp_lane();
    const float share = 1.0f / static_cast<float>(c);
    float sum = 0.0f;
    for (int first = 0; first < c; first += kWarp) {
        const int j = first + lane;
        const float error = j < c ? z[j] - (j == label ? 1.0f : 0.0f) : 0.0f;
        if (gradient != nullptr && j < c) {
            gradient[j] = factor * (2.0f * share * error);
        }
        if (loss != nullptr) {
            sum = warp_add_in_order(sum, error * error, c - first < kWarp ? c - first : kWarp);
        }
    }
    if (loss != nullptr && lane == 0) {
        *loss = sum * share;
    }
    __syncwarp();
}

// The class of the largest logit, `skipped` left out (-1: none); ties go to the lowest; -1 if there is none. As in a scan
// from the first, a NaN is never larger, and nothing is larger than a first one.
DEVICE int arg_max_row(int c, const float* z, int skipped) {
    const int first = skipped == 0 ? 1 : 0;
    if (first >= c) {
        return -1;
    }
    if (z[first] != z[first]) {
        return first;
    }
    int best = -1;
    float largest = 0.0f;
    for (int j = warp_lane(); j < c; j += kWarp) {
        if (j != skipped && (best < 0 ? z[j] == z[j] : z[j] > largest)) {
            best = j;
            largest = z[j];
        }
    }
#pragma unroll
    for (int offset = kWarp / 2; offset > 0; offset /= 2) {
        const int candidate = __shfl_xor_sync(kAllLanes, best, offset);
        const float value = __shfl_xor_sync(kAllLanes, largest, offset);
        if (candidate >= 0 && (best < 0 || value > largest || (value == largest && candidate < best))) {
            best = candidate;
            largest = value;
        }
    }
    return best;
}

// The class that follows `after` (-1: the first of all) in the order of logits, largest first, ties by class, `skipped` left
// out (-1: none); -1 if there is none. A NaN counts as -infinity, so every class has its place.
DEVICE int next_class_row(int c, const float* z, int skipped, int after) {
    const float lowest = __uint_as_float(0xff800000u);
    const float bound = after < 0 || z[after] != z[after] ? lowest : z[after];
    int best = -1;
    float largest = 0.0f;
    for (int j = warp_lane(); j < c; j += kWarp) {
        const float value = z[j] == z[j] ? z[j] : lowest;
        const bool follows = after < 0 || value < bound || (value == bound && j > after);
        if (j != skipped && follows && (best < 0 || value > largest)) {
            best = j;
            largest = value;
        }
    }
#pragma unroll
    for (int offset = kWarp / 2; offset > 0; offset /= 2) {
        const int candidate = __shfl_xor_sync(kAllLanes, best, offset);
        const float value = __shfl_xor_sync(kAllLanes, largest, offset);
        if (candidate >= 0 && (best < 0 || value > largest || (value == largest && candidate < best))) {
            best = candidate;
            largest = value;
        }
    }
    return best;
}

// loss = max_{i != y} z_i - z_y: positive where the example is misclassified.
DEVICE void margin_row(int c, const float* z, int label, float factor, float* loss, float* gradient) {
    const int lane = warp_lane();
    const int other = arg_max_row(c, z, label);
    const float margin = other < 0 ? 0.0f : z[other] - z[label];
    __syncwarp();  // gradient may be z
    if (loss != nullptr && lane == 0) {
        *loss = margin;
    }
    if (gradient != nullptr) {
        for (int j = lane; j < c; j += kWarp) {
            gradient[j] = other < 0 ? 0.0f : (j == other ? factor : (j == label ? -factor : 0.0f));
        }
    }
    __syncwarp();
}
