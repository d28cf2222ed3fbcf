package org.busbar.itest.felix;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Map;
import java.util.WeakHashMap;
import org.busbar.itest.felix.control.Traffic;
import org.osgi.framework.Bundle;
import org.osgi.framework.hooks.weaving.WeavingHook;
import org.osgi.framework.hooks.weaving.WovenClass;
import org.osgi.framework.wiring.BundleWiring;

/**
 * Puts a call of {@link Traffic#passed} into every method and before every branch of one bundle's classes. The bundle has to import
 * {@link Traffic}'s package.
 */
final class TrafficWeaver implements WeavingHook {

    private static final ClassDesc TRAFFIC = ClassDesc.of(Traffic.class.getName());
    private static final MethodTypeDesc PASSED = MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int);

    private final String symbolicName;
    private final Map<BundleWiring, Integer> known = new WeakHashMap<>();

    TrafficWeaver(String symbolicName) {
        this.symbolicName = symbolicName;
    }

    /** Returns the number of a bundle's present revision. */
    int revision(Bundle bundle) {
        return revision(bundle.adapt(BundleWiring.class));
    }

    private synchronized int revision(BundleWiring wiring) {
        return known.computeIfAbsent(wiring, unknown -> Traffic.nextRevision());
    }

    @Override
    public void weave(WovenClass woven) {
        BundleWiring wiring = woven.getBundleWiring();
        if (!wiring.getBundle().getSymbolicName().equals(symbolicName)) {
            return;
        }
        ClassHierarchyResolver hierarchy = ClassHierarchyResolver.ofResourceParsing(wiring.getClassLoader())
                .orElse(ClassHierarchyResolver.defaultResolver());
        ClassFile format = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(hierarchy));
        woven.setBytes(
                format.transformClass(
                        format.parse(woven.getBytes()),
                        ClassTransform.transformingMethodBodies(new Calls(revision(wiring)))));
    }

    private record Calls(int revision) implements CodeTransform {

        @Override
        public void atStart(CodeBuilder code) {
            call(code);
        }

        @Override
        public void accept(CodeBuilder code, CodeElement element) {
            if (element instanceof BranchInstruction) {
                call(code);
            }
            code.with(element);
        }

        private void call(CodeBuilder code) {
            code.loadConstant(revision).invokestatic(TRAFFIC, "passed", PASSED);
        }
    }
}
