package org.saddlepoint.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory on this machine that has the files under their standard names, plain or with ".gz". */
record DirectorySource(Path directory) implements FetchSource {
    @Override
    public String name() {
        return directory.toString();
    }

    @Override
    public InputStream open(String file) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new SourceException("no such directory");
        }
        try {
            return Files.newInputStream(IdxFiles.find(directory, file));
        } catch (FileNotFoundException e) {
            throw new SourceException("no file " + file + " or " + file + ".gz");
        }
    }
}
