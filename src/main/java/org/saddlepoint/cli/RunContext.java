package org.saddlepoint.cli;

import org.saddlepoint.device.Device;
import org.saddlepoint.device.Precision;
import org.saddlepoint.model.Model;
import org.saddlepoint.report.Meter;

/**
 * What the trainings of one run share.
 *
 * @param model the architecture
 * @param modelName as it was asked for
 * @param epochs of each training
 * @param data to train on and to measure with
 * @param measure how
 * @param device where
 * @param precision of the attack's products
 * @param meter shows progress
 * @param interruption holds off Ctrl-C while files are written
 */
record RunContext(
        Model model,
        String modelName,
        int epochs,
        DataOptions.Parts data,
        Measure measure,
        Device device,
        Precision precision,
        Meter meter,
        Interruption interruption) {}
