package org.busbar.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/write-a-driver.md gives to be copied can be compiled against the API as it is. */
final class DocumentedDriverTest {

    private static final Pattern WHOLE_CLASS =
            Pattern.compile("```java\n(package [\\w.]+;\n.*?class (\\w+).*?)```", Pattern.DOTALL);

    @Test
    void theWholeDriverCompiles(@TempDir Path classes) throws Exception {
        String page = Files.readString(Path.of("../docs/write-a-driver.md"));
        List<JavaFileObject> sources = WHOLE_CLASS.matcher(page)
                .results()
                .<JavaFileObject>map(block -> new Source(block.group(2), block.group(1)))
                .toList();
        assertThat(sources).as("whole classes on the page").hasSize(1);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        boolean compiled = compiler.getTask(said, null, null,
                List.of("-d", classes.toString(), "-classpath", System.getProperty("java.class.path"), "-proc:none"),
                null, sources).call();
        assertThat(compiled).as(said.toString()).isTrue();
    }

    /** A source in memory. */
    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String name, String text) {
            super(URI.create("string:///" + name + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
