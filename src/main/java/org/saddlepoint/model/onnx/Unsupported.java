package org.saddlepoint.model.onnx;

/** Why a node cannot be taken over; the importer adds which node, and goes on to find the others. */
final class Unsupported extends Exception {
    private static final long serialVersionUID = 1L;

    Unsupported(String reason) {
        super(reason, null, false, false);
    }
}
