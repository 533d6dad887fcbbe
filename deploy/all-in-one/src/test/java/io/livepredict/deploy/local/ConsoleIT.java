package io.livepredict.deploy.local;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/**
 * The console's pages in a real Chromium, against the running loop. Pictures of every page in both themes are left in {@code
 * target/console}.
 */
class ConsoleIT {
    private static final Path PICTURES = Path.of("target", "console");
    private static final double PATIENCE_MILLIS = 60_000;
    private static final List<String> FAULTS_OF_SEVERITY = List.of("minor", "moderate", "serious", "critical");

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final List<String> complaints = new ArrayList<>();

    /** A page and what must be seen before it counts as shown. */
    private record Shown(String name, String hash, String marker) {}

    @Test
    void shouldShowEveryPageFindSomeoneAndRollAModelBack() throws Exception {
        Optional<Path> chromium = chromium();
        if (chromium.isEmpty()) {
            String line = "the console's pages are not tested: no chromium is on the PATH; install Debian's chromium";
            System.err.println(line);
            Assumptions.abort(line);
        }
        int port = Ports.free();
        CountDownLatch stop = new CountDownLatch(1);
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        // A thread of its own: on the common pool it would leave none for what the parts of the platform wait for.
        Thread.ofPlatform().daemon().name("platform").start(() -> {
            try {
                ended.complete(run(port, stop));
            } catch (Throwable e) {
                ended.completeExceptionally(e);
            }
        });
        try (Playwright playwright = Playwright.create(
                        new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
                Browser browser = playwright
                        .chromium()
                        .launch(new BrowserType.LaunchOptions()
                                .setExecutablePath(chromium.get())
                                .setArgs(List.of("--no-sandbox")))) {
            String address = "http://127.0.0.1:" + port + "/";
            awaitUp(address, ended);
            Files.createDirectories(PICTURES);
            Page page = page(browser, ColorScheme.LIGHT, 1_440);
            String id = seeRooms(page, address);
            findSomeone(page, id);
            rollBackAndPromote(page);
            for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                seeEveryPage(browser, address, scheme, id);
            }
            readOnAPhone(browser, address);
            page.navigate(address + "#/now");
            assertThat(page.locator("#connection")).hasClass(Pattern.compile("live"), patience());
            stop.countDown();
            assertThat(ended.get(2, TimeUnit.MINUTES)).as(said()).isTrue();
            assertThat(page.locator("#connection")).containsText("Disconnected", text());
            assertThat(page.locator("#notices")).containsText("does not answer", text());
            assertThat(complaints).as("what Chromium complained of").isEmpty();
        } finally {
            stop.countDown();
            ended.handle((well, e) -> well).join();
        }
    }

    private String seeRooms(Page page, String address) {
        page.navigate(address);
        Locator likeliest = page.locator("a[href^='#/someone/viewer/']").first();
        assertThat(likeliest).isVisible(visible());
        assertThat(page.locator("#rooms-title")).containsText("leave-30s");
        assertThat(page.locator("td.why div").first()).isVisible(visible());
        assertThat(page.locator(".tile").first()).containsText("per second");
        // One of them whose score was explained: of most no reasons are computed.
        Locator explained = page.locator("tr:has(a[href^='#/someone/viewer/'])")
                .filter(new Locator.FilterOptions().setHasNotText("–"))
                .first();
        assertThat(explained).isVisible(visible());
        return explained.locator("a").textContent();
    }

    /** By keyboard alone: a part of the id, an arrow, Enter. */
    private static void findSomeone(Page page, String id) {
        page.locator("nav#pages a", new Page.LocatorOptions().setHasText("Someone"))
                .click();
        Locator search = page.locator("input[role=combobox]");
        search.pressSequentially(id.substring(1));
        assertThat(page.locator("#found li").first()).isVisible(visible());
        search.press("ArrowDown");
        search.press("Enter");
        assertThat(page.locator("h1")).containsText(id.substring(1), text());
        assertThat(page.locator(".score").first()).isVisible(visible());
        Locator reason = page.locator(".reasons li").first();
        assertThat(reason).isVisible(visible());
        assertThat(reason).containsText(Pattern.compile("[+−]\\d"));
    }

    private static void rollBackAndPromote(Page page) {
        page.locator("nav#pages a", new Page.LocatorOptions().setHasText("Models"))
                .click();
        Locator back = page.locator("#rollback");
        assertThat(back).isEnabled(enabled());
        // There must be an earlier version that the trainer has not retired.
        assertThat(page.locator("td a[href^='#/models/viewer/']").nth(1)).isVisible(visible());
        back.click();
        page.locator("dialog button", new Page.LocatorOptions().setHasText("Roll back"))
                .click();
        Locator result = page.locator("dialog [role=status]");
        assertThat(result).containsText("pinned", text());
        String version = result.textContent().replaceAll(".*version (\\d+).*", "$1");
        page.locator("dialog button", new Page.LocatorOptions().setHasText("Close"))
                .click();
        assertThat(page.locator(".chip.accent").first()).containsText("served, pinned", text());
        assertThat(page.locator("dl.facts").first()).containsText("Scoring nowv" + version, text());
        page.locator("#promote").click();
        page.locator("dialog button", new Page.LocatorOptions().setHasText("Promote"))
                .click();
        assertThat(result).containsText("Done", text());
        page.locator("dialog button", new Page.LocatorOptions().setHasText("Close"))
                .click();
        assertThat(page.locator(".chip.good").first()).containsText("newest is served", text());
    }

    private void seeEveryPage(Browser browser, String address, ColorScheme scheme, String id) {
        Page page = page(browser, scheme, 1_440);
        for (Shown each : List.of(
                new Shown("now", "#/now", "td.why"),
                new Shown("learning", "#/learning/viewer/chat-10s", ".chart canvas"),
                new Shown("someone", "#/someone/viewer/" + id, ".score"),
                new Shown("models", "#/models/viewer", ".lineage circle"),
                new Shown("nobody", "#/someone/viewer/%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", "h1"))) {
            page.navigate(address + each.hash());
            assertThat(page.locator(each.marker()).first()).isVisible(visible());
            assertThat(page.locator("#connection")).hasClass(Pattern.compile("live"), patience());
            assertThat(page.locator("main img")).hasCount(0);
            if (each.name().equals("models")) {
                Locator inputs = page.getByRole(
                        AriaRole.REGION, new Page.GetByRoleOptions().setName("Inputs with the most weight"));
                assertThat(inputs).containsText(Pattern.compile("this event is|time since|own |in this room"), text());
                assertThat(inputs).not().containsText("in this match");
            }
            String name = each.name() + "-" + scheme.name().toLowerCase(Locale.ROOT);
            page.screenshot(new Page.ScreenshotOptions()
                    .setPath(PICTURES.resolve(name + ".png"))
                    .setFullPage(true));
            assertThat(faults(page)).as("what axe finds on %s", name).isEmpty();
        }
        page.context().close();
    }

    private void readOnAPhone(Browser browser, String address) {
        Page page = page(browser, ColorScheme.LIGHT, 390);
        for (String name : List.of("now", "learning", "someone", "models")) {
            page.navigate(address + "#/" + name);
            assertThat(page.locator("main .card, main a.target").first()).isVisible(visible());
            page.screenshot(new Page.ScreenshotOptions()
                    .setPath(PICTURES.resolve(name + "-phone.png"))
                    .setFullPage(true));
            assertThat((Boolean) page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
                    .as("%s fits the width of a phone", name)
                    .isTrue();
        }
        page.context().close();
    }

    private static List<String> faults(Page page) {
        return new AxeBuilder(page)
                .setLegacyMode(true).analyze().getViolations().stream()
                        .filter(rule -> FAULTS_OF_SEVERITY.contains(rule.getImpact()))
                        .map(rule -> rule.getId() + ": "
                                + rule.getNodes().stream()
                                        .limit(3)
                                        .map(node -> node.getHtml())
                                        .toList())
                        .toList();
    }

    private Page page(Browser browser, ColorScheme scheme, int width) {
        BrowserContext context = browser.newContext(
                new Browser.NewContextOptions().setViewportSize(width, 900).setColorScheme(scheme));
        context.setDefaultTimeout(PATIENCE_MILLIS);
        Page page = context.newPage();
        page.onPageError(complaints::add);
        page.onConsoleMessage(message -> {
            // Nobody of that id is known, and in the end nobody answers.
            if (message.type().equals("error") && !message.text().startsWith("Failed to load resource")) {
                complaints.add(message.text());
            }
        });
        return page;
    }

    private boolean run(int port, CountDownLatch stop) {
        LocalOptions options = new LocalOptions();
        List<String> arguments = new ArrayList<>(List.of("--rate", "300", "--console-port", Integer.toString(port)));
        for (String other : List.of("--broker-port", "--registry-port", "--http-port", "--trainer-http-port")) {
            arguments.add(other);
            arguments.add(Integer.toString(Ports.free()));
        }
        new CommandLine(new Command(options)).parseArgs(arguments.toArray(String[]::new));
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        Console console = new Console(out, false, 160, System::nanoTime);
        try (LocalPlatform platform = new LocalPlatform(options, console, Clock.systemUTC(), stop)) {
            return platform.run();
        }
    }

    private void awaitUp(String address, CompletableFuture<Boolean> ended) {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(address + "health")).build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            await().atMost(Duration.ofMinutes(1))
                    .ignoreExceptions()
                    .failFast(said(), () -> ended.isDone())
                    .until(() -> http.send(request, HttpResponse.BodyHandlers.discarding())
                                    .statusCode()
                            == 200);
        }
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    private static Optional<Path> chromium() {
        return Stream.of(System.getenv("PATH").split(Pattern.quote(File.pathSeparator), -1))
                .flatMap(folder -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static LocatorAssertions.IsVisibleOptions visible() {
        return new LocatorAssertions.IsVisibleOptions().setTimeout(PATIENCE_MILLIS);
    }

    private static LocatorAssertions.IsEnabledOptions enabled() {
        return new LocatorAssertions.IsEnabledOptions().setTimeout(PATIENCE_MILLIS);
    }

    private static LocatorAssertions.ContainsTextOptions text() {
        return new LocatorAssertions.ContainsTextOptions().setTimeout(PATIENCE_MILLIS);
    }

    private static LocatorAssertions.HasClassOptions patience() {
        return new LocatorAssertions.HasClassOptions().setTimeout(PATIENCE_MILLIS);
    }

    @CommandLine.Command
    private static final class Command {
        @CommandLine.Mixin
        @SuppressWarnings("UnusedVariable") // picocli fills it
        private final LocalOptions options;

        Command(LocalOptions options) {
            this.options = options;
        }
    }
}
