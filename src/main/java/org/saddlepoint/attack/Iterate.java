package org.saddlepoint.attack;

/** Which iterate of an iterative attack counts. */
public enum Iterate {
    /** The last one of each restart, as papers report and training uses. */
    LAST,
    /** Any: the first that is misclassified, else the one of the highest loss. */
    ANY
}
