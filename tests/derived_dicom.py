"""What readers of DICOM objects that are made from images share: the source images of a folder, and what an object repeats of them."""

import pathlib

import numpy
import pydicom

repeated = ["PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyID", "StudyDate", "StudyTime"]
repeated += ["AccessionNumber", "ReferringPhysicianName", "FrameOfReferenceUID"]
lps_to_ras = numpy.diag([-1, -1, 1, 1])


class Sources:
    def __init__(self, folder):
        self.by_uid = {}
        for file in pathlib.Path(folder).rglob("*"):
            if file.is_file() and pydicom.misc.is_dicom(file):
                dataset = pydicom.dcmread(file, stop_before_pixels=True)
                self.by_uid[dataset.SOPInstanceUID] = dataset

    def position(self, item):
        source = self.by_uid[item.ReferencedSOPInstanceUID]
        assert item.ReferencedSOPClassUID == source.SOPClassUID
        if "PerFrameFunctionalGroupsSequence" not in source:
            return source.ImagePositionPatient
        group = source.PerFrameFunctionalGroupsSequence[item.ReferencedFrameNumber - 1]
        return group.PlanePositionSequence[0].ImagePositionPatient

    def distance_mm(self, made):
        """The largest from a frame to the source image that it names."""
        largest = 0.0
        for group in made.PerFrameFunctionalGroupsSequence:
            position = numpy.array(group.PlanePositionSequence[0].ImagePositionPatient, float)
            for derivation in group.get("DerivationImageSequence", []):
                for source in derivation.SourceImageSequence:
                    distance = numpy.linalg.norm(numpy.array(self.position(source), float) - position)
                    largest = max(largest, float(distance))
        return largest

    def unlike(self, made):
        """What the object says otherwise than its images."""
        first = next(iter(self.by_uid.values()))
        return [name for name in repeated if str(made.get(name)) != str(first.get(name))]
