package org.saddlepoint.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

class AttackPictureTest {
    @Test
    void midGreyIsNoChangeAndTheLargestChangeIsWhiteOrBlack() {
        AttackPicture picture = new AttackPicture(new int[] {1, 1, 3});
        picture.add(new float[] {0.5f, 0.5f, 0.5f}, new float[] {0.5f, 0.6f, 0.4f}, 1, 2);
        BufferedImage image = picture.draw();
        int scale = 112 / 3;
        int left = image.getWidth() - 12 - 3 * scale;
        int row = 12 + scale + 30 + 12 + scale / 2;
        assertThat(image.getRGB(left + scale / 2, row) & 0xff).isBetween(127, 128);
        assertThat(image.getRGB(left + scale + scale / 2, row) & 0xff).isEqualTo(255);
        assertThat(image.getRGB(left + 2 * scale + scale / 2, row) & 0xff).isZero();
    }

    @Test
    void onlyImagesAreDrawn() {
        assertThat(AttackPicture.canDraw(new int[] {1, 28, 28})).isTrue();
        assertThat(AttackPicture.canDraw(new int[] {3, 32, 32})).isTrue();
        assertThat(AttackPicture.canDraw(new int[] {20})).isFalse();
        assertThat(AttackPicture.canDraw(new int[] {2, 8, 8})).isFalse();
        assertThat(new AttackPicture(new int[] {1, 4, 4}).draw().getHeight()).isPositive();
    }

    @Test
    void aPictureTakesTenColumns() {
        AttackPicture picture = new AttackPicture(new int[] {1, 1, 1});
        for (int i = 0; i < 10; i++) {
            assertThat(picture.isFull()).isFalse();
            picture.add(new float[] {0}, new float[] {0}, 0, 0);
        }
        assertThat(picture.isFull()).isTrue();
    }
}
