package org.busbar.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

/** The methods that need --enable-native-access, recognised by the mark that the JDK itself puts on them. */
final class RestrictedMethods {

    private static final String MARK = "jdk.internal.javac.Restricted";

    static final DescribedPredicate<CodeUnitAccessTarget> RESTRICTED = DescribedPredicate.describe(
            "restricted methods", target -> target.resolveMember().filter(m -> m.isAnnotatedWith(MARK)).isPresent());

    /** Calls and method references both. */
    static ArchCondition<JavaClass> use() {
        return new ArchCondition<>("use restricted methods") {
            @Override
            public void check(JavaClass user, ConditionEvents events) {
                user.getCodeUnitAccessesFromSelf()
                        .stream()
                        .filter(access -> RESTRICTED.test(access.getTarget()))
                        .forEach(access -> events.add(SimpleConditionEvent.satisfied(user, access.getDescription())));
            }
        };
    }

    private RestrictedMethods() {}
}
