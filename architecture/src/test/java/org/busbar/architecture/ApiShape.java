package org.busbar.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.osgi.annotation.bundle.Export;
import org.osgi.dto.DTO;

/** What a class in an exported package may be: a contract or a value, never an implementation. */
final class ApiShape {

    /** A value class larger than this does something. */
    private static final int VALUE_METHODS = 15;

    static final DescribedPredicate<JavaClass> EXPORTED = DescribedPredicate.describe(
            "are in an exported package", type -> type.getPackage().isAnnotatedWith(Export.class));

    static ArchCondition<JavaClass> beContractsOrValues() {
        return new ArchCondition<>("be interfaces, records, enums, exceptions, DTOs or small immutable values") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean fits =
                        type.getModifiers().contains(JavaModifier.SYNTHETIC) || isContract(type) || isValue(type);
                events.add(new SimpleConditionEvent(type, fits,
                        type.getDescription() + (fits ? " is" : " is not") + " a contract or a value"));
            }
        };
    }

    static ArchCondition<JavaClass> beExported() {
        return ArchCondition.from(EXPORTED);
    }

    private static boolean isContract(JavaClass type) {
        return type.isInterface()
                || type.isRecord()
                || type.isAssignableTo(Enum.class)
                || type.isAssignableTo(Throwable.class)
                || type.isAssignableTo(DTO.class);
    }

    private static boolean isValue(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.FINAL)
                && type.getFields().stream().allMatch(f -> f.getModifiers().contains(JavaModifier.FINAL))
                && type.getMethods().stream().filter(ApiShape::isWritten).count() <= VALUE_METHODS
                && type.getMethods().stream().noneMatch(m -> m.getModifiers().contains(JavaModifier.SYNCHRONIZED))
                && type.getRawInterfaces().stream().allMatch(i -> i.getPackageName().startsWith("java."));
    }

    private static boolean isWritten(JavaMethod method) {
        return !method.getModifiers().contains(JavaModifier.SYNTHETIC);
    }

    private ApiShape() {}
}
