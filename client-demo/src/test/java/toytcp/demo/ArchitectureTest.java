package toytcp.demo;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

import io.netty.channel.ChannelHandler;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.instruction.MonitorInstruction;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// Who may know whom: the table of modules as tests, on the classes of all modules.
class ArchitectureTest {
    private static final String CODEC = "toytcp.codec..";
    private static final String CORE = "toytcp.stack.tcp..";
    private static final String STACK = "toytcp.stack..";
    private static final String LINK = "toytcp.link..";
    private static final String TESTKIT = "toytcp.testkit..";
    private static final String DEMO = "toytcp.demo..";
    private static final String[] OURS = {CODEC, STACK, LINK, TESTKIT, DEMO};

    private static JavaClasses all;

    @BeforeAll
    static void readTheClasses() {
        all =
                new ClassFileImporter()
                        .withImportOption(place -> !place.contains("/test-classes/"))
                        .withImportOption(place -> !place.contains("-tests.jar"))
                        .importPackages("toytcp");
    }

    @ParameterizedTest
    @ValueSource(strings = {CODEC, CORE, "toytcp.stack.ip", "toytcp.stack.channel", LINK, DEMO})
    void everyPartIsLookedAt(String part) {
        assertTrue(all.stream().anyMatch(resideInAPackage(part)), "no class in " + part);
    }

    @Test
    void theCodecKnowsBuffersAndCodecsOnly() {
        classes()
                .that()
                .resideInAPackage(CODEC)
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage(
                                CODEC,
                                "java..",
                                "io.netty.buffer..",
                                "io.netty.util..",
                                "io.netty.channel",
                                "io.netty.handler.codec..",
                                "org.jspecify.annotations"))
                .check(all);
    }

    @Test
    void theCoreKnowsValuesAndBuffersOnly() {
        classes()
                .that()
                .resideInAPackage(CORE)
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage(
                                        CORE,
                                        "java..",
                                        "io.netty.buffer",
                                        "io.netty.util",
                                        "org.jspecify.annotations")
                                .or(
                                        resideInAPackage(CODEC)
                                                .and(not(assignableTo(ChannelHandler.class)))))
                .check(all);
    }

    @Test
    void theCoreHasNoClockNoThreadAndNoDice() {
        noClasses()
                .that()
                .resideInAPackage(CORE)
                .should()
                .dependOnClassesThat(
                        belongToAnyOf(Thread.class, ThreadLocal.class, Random.class)
                                .or(assignableTo(java.util.random.RandomGenerator.class))
                                .or(assignableTo(java.time.InstantSource.class))
                                .or(belongToAnyOf(java.time.Instant.class, java.util.Timer.class))
                                .or(
                                        resideInAnyPackage(
                                                        "java.util.concurrent..",
                                                        "java.io",
                                                        "java.net",
                                                        "java.security..")
                                                .and(not(belongToAnyOf(TimeUnit.class)))))
                .check(all);
    }

    @ParameterizedTest
    @ValueSource(strings = {CODEC, STACK, LINK, TESTKIT})
    void timeComesFromTheEventLoop(String part) {
        noClasses()
                .that()
                .resideInAPackage(part)
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .dependOnClassesThat(
                        belongToAnyOf(
                                java.util.concurrent.ThreadLocalRandom.class,
                                java.util.Timer.class))
                .allowEmptyShould(false)
                .check(all);
    }

    @Test
    void onlyTheTestkitPlaysDice() {
        noClasses()
                .that()
                .resideInAnyPackage(CODEC, STACK, LINK)
                .should()
                .dependOnClassesThat(belongToAnyOf(SplittableRandom.class))
                .orShould()
                .callConstructor(Random.class)
                .check(all);
    }

    @Test
    void theStackDoesNotSeeLinks() {
        mayKnow(STACK, CODEC);
        mayKnow(CODEC);
    }

    @Test
    void linksAndTheTestkitKnowTheStackButNotEachOther() {
        mayKnow(LINK, STACK, CODEC);
        mayKnow(TESTKIT, STACK, CODEC);
    }

    @Test
    void theCommandLineUsesNothingFromTheTestkit() {
        mayKnow(DEMO, LINK, STACK, CODEC);
    }

    @Test
    void theCommandLineMeetsTheStackInOneClass() {
        noClasses()
                .that()
                .resideInAPackage(DEMO)
                .and()
                .doNotHaveFullyQualifiedName(UserStack.class.getName())
                .should()
                .dependOnClassesThat(resideInAnyPackage(LINK, STACK, CODEC))
                .check(all);
    }

    @Test
    void onlyLinksCallNativeCode() {
        noClasses()
                .that()
                .resideOutsideOfPackage(LINK)
                .should()
                .dependOnClassesThat(resideInAPackage("java.lang.foreign.."))
                .check(all);
    }

    @Test
    void onlyLinksAndTheProgramKnowEpoll() {
        noClasses()
                .that()
                .resideOutsideOfPackage(LINK)
                .and()
                .doNotHaveFullyQualifiedName(UserStack.class.getName())
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("io.netty.channel.epoll..", "io.netty.channel.unix.."))
                .check(all);
    }

    @Test
    void nobodyTakesALock() throws IOException {
        noMethods().should().haveModifier(JavaModifier.SYNCHRONIZED).check(all);
        noClasses()
                .should()
                .dependOnClassesThat(resideInAPackage("java.util.concurrent.locks"))
                .check(all);
        for (JavaClass one : all) {
            assertEquals(0, monitors(one), "synchronized blocks in " + one.getName());
        }
    }

    @Test
    void onlyChannelsShareFieldsBetweenThreads() {
        noFields()
                .that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(CODEC, CORE, "toytcp.stack.ip", TESTKIT)
                .should()
                .haveModifier(JavaModifier.VOLATILE)
                .check(all);
    }

    @Test
    void nobodyButTheProgramStartsThreadsOrEndsTheJvm() {
        noClasses()
                .that()
                .resideOutsideOfPackage(DEMO)
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Thread.class, "start")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .check(all);
    }

    @Test
    void theCodecAndTheCoreDoNotLog() {
        noClasses()
                .that()
                .resideInAnyPackage(CODEC, CORE)
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage(
                                "org.slf4j..", "java.util.logging..", "io.netty.util.internal.."))
                .check(all);
    }

    @Test
    void constantsAreConstant() {
        fields().that().areStatic().should().beFinal().check(all);
    }

    @Test
    void noPackagesOfTheStackKnowEachOtherInACircle() {
        SlicesRuleDefinition.slices()
                .matching("toytcp.stack.(*)..")
                .should()
                .beFreeOfCycles()
                .check(all);
    }

    /// Of our own packages, `part` knows itself and `others`.
    private static void mayKnow(String part, String... others) {
        DescribedPredicate<JavaClass> allowed =
                resideInAPackage(part).or(resideInAnyPackage(others));
        noClasses()
                .that()
                .resideInAPackage(part)
                .should()
                .dependOnClassesThat(resideInAnyPackage(OURS).and(not(allowed)))
                .check(all);
    }

    private static long monitors(JavaClass one) throws IOException {
        try (InputStream bytes = one.getSource().orElseThrow().getUri().toURL().openStream()) {
            return ClassFile.of().parse(bytes.readAllBytes()).methods().stream()
                    .flatMap(method -> method.code().stream())
                    .flatMap(code -> code.elementStream())
                    .filter(MonitorInstruction.class::isInstance)
                    .count();
        }
    }
}
