package io.livepredict.trainer.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.trainer.chart.LineChart.Line;
import io.livepredict.trainer.chart.LineChart.Panel;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class LineChartTest {
    private static final Line RISING = new Line("a < b", new double[] {10, 20, 30}, new double[] {0, 1, 2});

    private static Document drawn(Panel... panels) throws Exception {
        String svg =
                LineChart.svg("t & u", LineChart.Axis.ofNumbers("examples", place -> "at " + place), List.of(panels));
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    private static double[] points(Document svg, int line) {
        String points = ((Element) svg.getElementsByTagName("polyline").item(line)).getAttribute("points");
        return List.of(points.split("[ ,]", -1)).stream()
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    @Test
    void shouldDrawPointsInProportion() throws Exception {
        double[] at = points(drawn(new Panel("p", 0, 4, List.of(RISING), Map.of())), 0);
        assertThat(at[2] - at[0]).isEqualTo(at[4] - at[2]).isPositive();
        assertThat(at[1] - at[3]).isEqualTo(at[3] - at[5]).isPositive();
        assertThat(drawn(new Panel("p", 0, 4, List.of(RISING), Map.of()))
                        .getDocumentElement()
                        .getTextContent())
                .contains("t & u", "a < b", "at 10.0", "at 30.0", "4", "examples");
    }

    @Test
    void shouldLeaveOutWhatIsNotFiniteAndKeepToTheEdges() throws Exception {
        Line line = new Line("l", new double[] {0, 1, 2, 3}, new double[] {-9, Double.NaN, 99, 1});
        double[] at = points(drawn(new Panel("p", 0, 2, List.of(line), Map.of())), 0);
        assertThat(at).hasSize(6);
        assertThat((at[1] + at[3]) / 2).isEqualTo(at[5]);
    }

    @Test
    void shouldGiveALineOneStyleInAllPanelsAndNoTwoTheSame() throws Exception {
        List<Line> many = IntStream.range(0, 20)
                .mapToObj(i -> new Line("line " + i, new double[] {0, 1}, new double[] {i, i}))
                .toList();
        Document svg =
                drawn(Panel.fitted("p", many), new Panel("q", 0, 1, List.of(many.get(9)), Map.of("line 9", 0.5)));
        List<String> styles = IntStream.rangeClosed(0, 20)
                .mapToObj(i -> (Element) svg.getElementsByTagName("polyline").item(i))
                .map(each -> each.getAttribute("stroke") + each.getAttribute("stroke-dasharray"))
                .toList();
        assertThat(styles.subList(0, 20)).doesNotHaveDuplicates();
        assertThat(styles.get(20)).isEqualTo(styles.get(9));
    }

    @Test
    void shouldDrawBandsReferencesAndRoundTicksInAGridOfNamedPanels() throws Exception {
        Line line = new Line("l", new double[] {0, 97}, new double[] {0.7, 0.8}, new double[] {0.1, Double.NaN});
        Panel panel = Panel.fitted("target one", List.of(line), new LineChart.Reference("by chance", 0.5));
        assertThat(panel.low()).isBetween(0.45, 0.5);
        assertThat(panel.high()).isBetween(0.8, 0.85);
        String svg = LineChart.grid(
                "t", LineChart.Axis.ofNumbers("n", place -> "at " + (int) place), 2, List.of(panel, panel, panel));
        Document drawn =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
        assertThat(drawn.getElementsByTagName("polygon").getLength()).isEqualTo(3);
        assertThat(drawn.getDocumentElement().getTextContent())
                .contains("target one", "by chance", "at 0", "at 20", "at 80", "0.6", "0.8")
                .doesNotContain("at 97");
        double[] band = List.of(((Element) drawn.getElementsByTagName("polygon").item(0))
                        .getAttribute("points")
                        .split("[ ,]", -1))
                .stream()
                .mapToDouble(Double::parseDouble)
                .toArray();
        double[] points = points(drawn, 0);
        assertThat(band[1]).isLessThan(points[1]);
        assertThat(band[3]).isEqualTo(points[3]);
        assertThat(band[7]).isGreaterThan(points[1]);
    }

    @Test
    void shouldSaySoWhenThereIsNothingToDraw() throws Exception {
        Line none = new Line("l", new double[0], new double[0]);
        assertThat(drawn(Panel.fitted("p", List.of(none))).getDocumentElement().getTextContent())
                .contains("too few examples");
    }

    @Test
    void shouldRefuseWhatCannotBeDrawn() {
        assertThatThrownBy(() -> new Panel("p", 1, 1, List.of(), Map.of())).hasMessageContaining("from 1.0 to 1.0");
        assertThatThrownBy(() -> new Line("l", new double[1], new double[2])).hasMessageContaining("line l");
    }
}
