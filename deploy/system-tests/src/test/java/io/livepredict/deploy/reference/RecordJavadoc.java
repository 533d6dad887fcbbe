package io.livepredict.deploy.reference;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.EndElementTree;
import com.sun.source.doctree.LinkTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.doctree.StartElementTree;
import com.sun.source.doctree.TextTree;
import com.sun.source.doctree.ValueTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * The Javadoc of records, read from their sources, as Markdown.
 *
 * @param text what stands before the tags
 * @param components what is said of each component, by name
 */
record RecordJavadoc(String text, Map<String, String> components) {

    /**
     * Reads the Javadoc of every record in some source files.
     *
     * @return by the record's name without its package, such as {@code StreamsAppConfig.Time}
     */
    static Map<String, RecordJavadoc> of(List<Path> sources) throws IOException {
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "tests run on a JDK");
        Map<String, RecordJavadoc> found = new HashMap<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(sources));
            DocTrees docs = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                new Records(docs, found).scan(unit, null);
            }
        }
        return found;
    }

    private static final class Records extends TreePathScanner<@Nullable Void, @Nullable String> {
        private final DocTrees docs;
        private final Map<String, RecordJavadoc> found;

        Records(DocTrees docs, Map<String, RecordJavadoc> found) {
            this.docs = docs;
            this.found = found;
        }

        @Override
        public @Nullable Void visitClass(ClassTree node, @Nullable String outer) {
            String name = outer == null ? node.getSimpleName().toString() : outer + '.' + node.getSimpleName();
            DocCommentTree doc = docs.getDocCommentTree(getCurrentPath());
            if (doc != null) {
                Map<String, String> components = new HashMap<>();
                for (DocTree tag : doc.getBlockTags()) {
                    if (tag instanceof ParamTree param) {
                        components.put(param.getName().toString(), markdown(param.getDescription()));
                    }
                }
                found.put(name, new RecordJavadoc(markdown(doc.getFullBody()), Map.copyOf(components)));
            }
            return super.visitClass(node, name);
        }
    }

    private static String markdown(List<? extends DocTree> trees) {
        StringBuilder out = new StringBuilder();
        boolean verbatim = false;
        for (DocTree tree : trees) {
            switch (tree) {
                case TextTree text ->
                    out.append(verbatim ? text.getBody() : text.getBody().replaceAll("\\s+", " "));
                case LiteralTree literal -> out.append(code(literal.getBody().getBody()));
                case LinkTree link ->
                    out.append(
                            link.getLabel().isEmpty()
                                    ? code(link.getReference().getSignature())
                                    : markdown(link.getLabel()));
                case ValueTree value ->
                    out.append('{').append(value.getReference().getSignature()).append('}');
                case StartElementTree start -> {
                    verbatim = start.getName().contentEquals("pre");
                    out.append(verbatim ? "\n\n```yaml" : "\n\n");
                }
                case EndElementTree end -> {
                    if (end.getName().contentEquals("pre")) {
                        out.append("```\n\n");
                    }
                    verbatim = false;
                }
                default -> throw new IllegalArgumentException("no Markdown for " + tree.getKind() + ": " + tree);
            }
        }
        return out.toString().strip();
    }

    private static String code(String text) {
        return '`' + text.replaceAll("\\s+", " ").strip() + '`';
    }
}
